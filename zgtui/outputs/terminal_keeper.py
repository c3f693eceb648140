"""Puts the terminal back when the program that draws on it is killed: a small process beside it.

    python -I -S terminal_keeper.py AFTER BEFORE WHILE

Its stdout is the terminal. AFTER is what to write there; BEFORE and WHILE are the terminal's modes
before and while the program draws, as ``termios.tcgetattr`` tells them. A line on stdin: the
program has put it back itself. The end of stdin without one: it was killed.

Only the standard library is used, and no other module of zgtui: this must start fast, and under
``-I -S``.
"""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import subprocess
import sys
import termios
from typing import Any

SCREEN = (
    "\x1b[?2026l"  # what was held back of a frame
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[?7h"  # pastes, sizes and focus told, lines cut off
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"  # kitty's keyboard, alternate screen, cursor, colours
)
CURSOR = "\x1b[?25h\x1b[0m"
ABORT = "\x18"
"""CAN: ends whatever sequence was cut off."""
PATIENCE_SECONDS = 5
"""A terminal that stands still is given up after that."""


class TerminalKeeper:
    """Such a process, which ``put_back`` ends in order."""

    def __init__(self, terminal: int, after: str, modes: tuple[Any, Any] | None = None) -> None:
        """``modes`` are those before and while the program draws on ``terminal``, a descriptor."""
        before, now = modes or (None, None)
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):  # without it all goes well until a kill
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, after, repr(before), repr(now)],
                stdin=subprocess.PIPE,
                stdout=terminal,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def put_back(self) -> None:
        """The terminal is as it was; nothing is left to do. May be called again."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.write(b"\n")
            process.stdin.close()
        process.wait()


def main(after: str, before: str, now: str) -> None:
    """Wait for the end of the program that draws, and put the terminal back if need be."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    if os.read(0, 1):
        return
    signal.alarm(PATIENCE_SECONDS)
    modes, drawing = ast.literal_eval(before), ast.literal_eval(now)
    with contextlib.suppress(termios.error):
        termios.tcflush(1, termios.TCOFLUSH)
        # A shell that is back already may have set modes of its own.
        if modes is not None and termios.tcgetattr(1) == drawing:
            termios.tcsetattr(1, termios.TCSANOW, modes)
    with contextlib.suppress(OSError):
        os.write(1, f"{ABORT}{after}".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
