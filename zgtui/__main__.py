"""``python -m zgtui`` and the command ``zgtui``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the program and end the process with its exit code."""
    gc.disable()  # what is imported until the words are understood stays
    try:
        from zgtui.cli.main import main as run  # noqa: PLC0415 - Ctrl-C may come meanwhile

        code = run()
    except KeyboardInterrupt:
        code = 130
    gc.freeze()  # to look once more through all that a screen was made of takes half a second
    sys.exit(code)


if __name__ == "__main__":
    main()
