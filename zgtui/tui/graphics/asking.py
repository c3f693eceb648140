"""Whether the terminal shows pictures: it is asked before an app takes it over.

The questions end with one that every terminal answers, so that none of the answers comes later, as
if it had been typed: a library that asks with a short patience leaves them to the app.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import sys
import termios
import time
import tty
from collections.abc import Iterator
from importlib.util import find_spec

from textual.geometry import Size

from zgtui.errors import UsageError
from zgtui.tui.graphics.kitty import Kitty
from zgtui.tui.graphics.sixel import Sixel

PATIENCE_SECONDS = 2.0
_QUESTION = "\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c"
"""Whether a picture of one pixel could be shown, how large cells are, and what it can do at all."""
_KITTY = re.compile(rb"\x1b_Gi=1[^;]*;OK\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_ABILITIES = re.compile(rb"\x1b\[\?([\d;]*)c")
_SIXEL = b"4"
_USUAL_CELL = Size(10, 20)

Graphics = Sixel | Kitty


def need_pillow() -> None:
    """Raise UsageError where nothing can draw pixels."""
    if find_spec("PIL") is None:
        raise UsageError(
            "--marker image draws with Pillow, which is not installed:"
            " run pip install 'zgtui[image]'"
        )


def ask_for_graphics() -> Graphics | str:
    """How the terminal shows pictures, or one sentence why it does not."""
    answer = _answer()
    abilities = _ABILITIES.search(answer)
    if abilities is None:
        return "This terminal does not say whether it shows pictures: drawn in braille."
    cell = cell_size(answer)
    # Some that answer for Kitty's pictures know no placeholders for them; all of those know Sixel.
    if _SIXEL in abilities[1].split(b";") and cell is not None:
        return Sixel(cell)
    if _KITTY.search(answer):
        return Kitty(cell or _USUAL_CELL)
    return "This terminal shows neither Kitty nor Sixel graphics: drawn in braille."


def cell_size(answer: bytes = b"") -> Size | None:
    """How many pixels a cell has, as the system or the terminal's ``answer`` tells."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        assert sys.__stderr__ is not None
        asked = fcntl.ioctl(sys.__stderr__.fileno(), termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", asked)
        if rows and columns and width >= columns and height >= rows:
            return Size(width // columns, height // rows)
    told = _CELL.search(answer)
    return Size(int(told[2]), int(told[1])) if told and int(told[1]) and int(told[2]) else None


def _answer() -> bytes:
    """What the terminal answers up to its abilities, or within the patience there is."""
    keyboard, screen = sys.__stdin__, sys.__stderr__
    if keyboard is None or screen is None or not (keyboard.isatty() and screen.isatty()):
        return b""
    answer = b""
    with _key_by_key(keyboard.fileno()), contextlib.suppress(OSError):
        os.write(screen.fileno(), _QUESTION.encode())
        until = time.monotonic() + PATIENCE_SECONDS
        while not _ABILITIES.search(answer) and (left := until - time.monotonic()) > 0:
            if select.select([keyboard], [], [], left)[0]:
                answer += os.read(keyboard.fileno(), 1024)
    return answer


@contextlib.contextmanager
def _key_by_key(keyboard: int) -> Iterator[None]:
    """Have answers read as they come, and not shown."""
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
