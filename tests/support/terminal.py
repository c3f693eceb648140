"""A real pseudo-terminal with the program in it, and a screen that shows what it drew."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte
from wcwidth import wcwidth

from tests.support.forked_python import as_in_a_shell, as_in_a_terminal
from tests.support.waiting import PATIENCE

ENTER_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
CLEAR = b"\x1b[H\x1b[2J"
WHOLE_FRAMES, KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A program asks whether frames can be shown whole (mode 2026), and is told that they can."""
BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
"""Of a frame."""
PROGRAM = (sys.executable, "-m", "zgtui")


class Terminal:
    """``python -m zgtui ARGUMENTS`` in a terminal of its own, its state kept in ``folder``.

    It shows a frame once that is there whole, as terminals of today do: what a test waits for can't
    stand, or be gone, in half a frame.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        controlling: bool = True,
        program: Sequence[str] = PROGRAM,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Only from its ``controlling`` terminal does a program get SIGHUP as the window closes.

        ``variables`` are set besides.
        """
        self.folder = folder
        self.state = folder / "state"
        self._output = bytearray()
        self._not_shown = b""
        self._screen = pyte.Screen(columns, rows)
        self._rows: dict[int, str] = {}
        """Its text, but for rows that have changed since."""
        self._stream = pyte.ByteStream(self._screen)
        self.master, self._slave = pty.openpty()
        self.resize(columns, rows)
        self.modes_before = termios.tcgetattr(self._slave)
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "ZGTUI_STATE_DIR": str(self.state),
        }
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            environment.pop(name, None)
        environment |= variables or {}
        self.process = subprocess.Popen(
            [*program, *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=as_in_a_terminal if controlling else as_in_a_shell,  # noqa: PLW1509 - no threads here
        )

    def close(self) -> None:
        """End everything, in whatever state a test left it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()
        os.close(self._slave)

    @property
    def lines(self) -> list[str]:
        """The screen as text, top to bottom."""
        screen = self._screen
        # All of it takes longer than what is drawn: it is asked for after each piece of a frame.
        for row in screen.dirty.union(range(len(self._rows), screen.lines)):
            self._rows[row] = self._text_of(row)
        screen.dirty.clear()
        return [self._rows[row] for row in range(screen.lines)]

    def _text_of(self, row: int) -> str:
        line, cells, column = self._screen.buffer[row], [], 0
        while column < self._screen.columns:
            cells.append(line[column].data)
            column += 2 if cells[-1] and wcwidth(cells[-1][0]) == 2 else 1
        return "".join(cells)

    @property
    def output(self) -> bytes:
        """All that was written so far."""
        return bytes(self._output)

    @property
    def modes(self) -> list[object]:
        """The terminal's modes now, as `termios.tcgetattr` tells them."""
        return list(termios.tcgetattr(self._slave))

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._screen.columns, self._screen.lines

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window's corner."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the window, as a user does with the mouse or a lost SSH link."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode("utf-8", "surrogateescape"))

    def read(self, seconds: float, most: int = 1 << 16) -> None:
        """Take in what is drawn, at most so many bytes of it, waiting at most ``seconds``."""
        if not self._said_something(seconds):
            return
        try:
            data = os.read(self.master, most)
        except OSError:  # nobody has the other end open
            return
        self._output += data
        self.answer(data)
        self.draw(data)

    def _said_something(self, seconds: float) -> bool:
        poll = select.poll()  # which takes descriptors of any number
        poll.register(self.master, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def draw(self, data: bytes) -> None:
        """Show on the screen what the program has written, but for the beginning of a frame."""
        written = self._not_shown + data
        whole = written.rfind(END) + 1
        begun = written.find(BEGIN, whole)
        if begun < 0:
            begun = next(at for at in range(len(BEGIN), -1, -1) if written.endswith(BEGIN[:at]))
            begun = len(written) - begun
        # It has a screen of its own for programs, which is empty at first.
        shown = written[:begun].replace(ENTER_ALTERNATE, ENTER_ALTERNATE + CLEAR)
        try:
            self._stream.feed(shown)
        except TypeError:
            # Half a sequence of a program that was killed, and what the shell wrote behind it: pyte
            # takes them for one that it knows, and stops.
            self._stream = pyte.ByteStream(self._screen)
        self._not_shown = written[begun:]

    def answer(self, data: bytes) -> None:
        """Reply to what is asked in ``data``, which is the end of the output."""
        if self.ends_in(WHOLE_FRAMES, data):
            os.write(self.master, KNOWN)

    def ends_in(self, asked: bytes, data: bytes) -> bool:
        """Whether ``asked`` was written and ended in ``data``, the end of the output."""
        return asked in self._output[1 - len(data) - len(asked) :]

    def until(self, condition: Callable[[list[str]], bool], what: str) -> None:
        """Wait until the screen's lines meet ``condition``."""
        until = time.monotonic() + PATIENCE
        while not condition(self.lines):
            screen = "\n".join(self.lines)
            assert self.process.poll() is None, f"it ended before {what}:\n{screen}"
            assert time.monotonic() < until, f"no {what} on:\n{screen}"
            self.read(0.1)

    def shows(self, text: str) -> None:
        """Wait until ``text`` stands somewhere on the screen."""
        self.until(lambda lines: any(text in line for line in lines), repr(text))

    def ended(self) -> int:
        """Wait for the end; the exit code, 128+n where signal n ended it."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until, "it does not end:\n" + "\n".join(self.lines)
            if self.master >= 0:
                self.read(0.02)
        while self.master >= 0 and self._said_something(0):
            before = len(self._output)
            self.read(0)
            if len(self._output) == before:
                break
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)
