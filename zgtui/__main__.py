"""``python -m zgtui`` and the command ``zgtui``."""

from __future__ import annotations

import sys

from zgtui.cli.main import main as cli_main


def main() -> None:
    """Run the program and end the process with its exit code."""
    try:
        sys.exit(cli_main())
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
