"""``python -m zgtui.pictures``: draws the picture asked for, as JSON, on stdin.

It ends with 0, or with a sentence on stderr and the exit code of what went wrong.
"""

from __future__ import annotations

import sys

from zgtui.errors import ZgtuiError
from zgtui.pictures import PictureRequest
from zgtui.pictures.request import draw_request


def main() -> int:
    """Draw; returns the exit code."""
    try:
        draw_request(PictureRequest.from_json(sys.stdin.read()))
    except ZgtuiError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
