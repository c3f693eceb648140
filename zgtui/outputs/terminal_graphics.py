"""Whether the terminal draws pictures, by the protocols of Kitty and of Sixel: it is asked.

The questions end with one that every terminal answers, so that none of the answers comes later, as
if it had been typed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import stat
import struct
import sys
import termios
import time
import tty

from zgtui.lazy_dataclass import dataclass

ANSWER_SECONDS = 2.0
"""How long a terminal may take to answer, over a slow link too."""
QUESTION = b"\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[16t\033[c"
"""May a picture of one pixel be sent by Kitty's protocol; how large are the cells; and what is the
terminal (DA1), which every one answers."""
_KITTY = re.compile(rb"\033_Gi=31[^;]*;OK\033\\")
_CELL = re.compile(rb"\033\[6;(\d+);(\d+)t")
_ATTRIBUTES = re.compile(rb"\033\[\?([\d;]*)c")
_SIXEL_ATTRIBUTE = b"4"


@dataclass(frozen=True)
class TerminalGraphics:
    """What a terminal draws; ``cell`` is (width, height) in pixels, None where nothing tells."""

    kitty: bool = False
    sixel: bool = False
    cell: tuple[int, int] | None = None

    def __str__(self) -> str:
        named = [name for name in ("Kitty", "Sixel") if getattr(self, name.lower())]
        return f"{' and '.join(named) or 'neither Kitty nor Sixel'} graphics"


KNOWN = {
    ("TERM", "xterm-kitty"): TerminalGraphics(kitty=True),
    ("TERM", "xterm-ghostty"): TerminalGraphics(kitty=True),
    ("TERM", "foot"): TerminalGraphics(sixel=True),
    ("TERM", "mlterm"): TerminalGraphics(sixel=True),
    ("TERM_PROGRAM", "WezTerm"): TerminalGraphics(kitty=True, sixel=True),
    ("TERM_PROGRAM", "iTerm.app"): TerminalGraphics(sixel=True),
}
"""What some terminals can, by a variable that they set."""


def graphics_words() -> str:
    """What the terminal draws beside text, and how that is known."""
    answer = None if _piped() else ask_for_graphics()
    if answer is not None:
        return f"{answer}, as the terminal answers"
    for (variable, value), known in KNOWN.items():
        if os.environ.get(variable) == value:
            return f"{known}, going by {variable}={value}: the terminal was not asked"
    return "unknown: the terminal cannot be asked"


def _piped() -> bool:
    """Whether what is printed goes through a pipe: a pager there reads the same keyboard."""
    try:
        return stat.S_ISFIFO(os.fstat(1).st_mode)
    except OSError:
        return False


def ask_for_graphics() -> TerminalGraphics | None:
    """What the terminal answers; None where there is none that does.

    It is not asked where keys were typed already, which would be read with the answer.
    """
    try:
        keyboard, screen = sys.__stdin__, sys.__stderr__
        if keyboard is None or screen is None or not (keyboard.isatty() and screen.isatty()):
            return None
        descriptor = keyboard.fileno()
        # In the background a process that changes the terminal's modes is stopped.
        if os.tcgetpgrp(descriptor) != os.getpgrp() or os.environ.get("TERM") in {"", "dumb"}:
            return None
        modes, answer, end = termios.tcgetattr(descriptor), None, termios.TCSANOW
        try:
            tty.setcbreak(descriptor, termios.TCSANOW)
            if not select.select([descriptor], [], [], 0)[0]:
                screen.flush()
                end = termios.TCSAFLUSH  # drops what comes too late: it would be taken for typed
                os.write(screen.fileno(), QUESTION)
                answer = graphics_of(_answer(descriptor))
                end = end if answer is None else termios.TCSANOW
        finally:
            termios.tcsetattr(descriptor, end, modes)
    except (OSError, ValueError, termios.error):
        return None
    return answer


def _answer(descriptor: int) -> bytes:
    """All that it says until it has told its attributes, or nothing more comes."""
    said, until = b"", time.monotonic() + ANSWER_SECONDS
    while not _ATTRIBUTES.search(said):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(descriptor, 1024) if ready else b""
        if not piece:
            break
        said += piece
    return said


def graphics_of(said: bytes) -> TerminalGraphics | None:
    """What ``said`` is the answer of; None where it is no answer."""
    attributes = _ATTRIBUTES.search(said)
    if attributes is None:
        return None
    told = _CELL.search(said)
    cell = (int(told[2]), int(told[1])) if told and int(told[1]) and int(told[2]) else None
    sixel = _SIXEL_ATTRIBUTE in attributes[1].split(b";")
    return TerminalGraphics(bool(_KITTY.search(said)), sixel, cell_pixels() or cell)


def cell_pixels() -> tuple[int, int] | None:
    """The width and height of a cell as the system tells them; None where it does not."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        assert sys.__stderr__ is not None
        asked = fcntl.ioctl(sys.__stderr__.fileno(), termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", asked)
        if rows and columns and width >= columns and height >= rows:
            return width // columns, height // rows
    return None
