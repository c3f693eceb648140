"""What the terminal is sent: nobody waits for a terminal that is slower than what is drawn."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

MAX_WAITING = 16 * 1024
"""Bytes that wait before a frame is dropped; on the slowest line that is a screen or two."""
PIECE = 1024
"""Bytes written at once: a slow line takes them within about a second."""
LOOK_SECONDS = 0.1


class TerminalOutput(threading.Thread):
    """Writes to ``descriptor`` what it takes at once, and beside the screen what it takes later.

    Where too much waits, frames are dropped; then ``caught_up`` is called from this
    thread once the terminal has taken the rest, and the screen is to be drawn anew.
    """

    def __init__(self, descriptor: int, encoding: str, caught_up: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="terminal-output")
        self._descriptor, self._encoding, self._caught_up = descriptor, encoding, caught_up
        self._changed = threading.Condition()
        self._waiting = bytearray()
        self._dropped = self._closing = self._lost = self._writing = False
        self._at_once = _never_waiting(descriptor)

    @property
    def behind(self) -> bool:
        """Whether the terminal has not taken all yet."""
        return bool(self._waiting)

    def draw(self, frame: str) -> None:
        """Have ``frame`` written, or dropped, without waiting for it."""
        with self._changed:
            self._dropped = self._dropped or len(self._waiting) > MAX_WAITING
            if not self._dropped:
                self.write(frame)

    def write(self, text: str) -> None:
        """Have ``text`` written in any case, without waiting for it."""
        with self._changed:
            if self._lost:
                return
            data = text.encode(self._encoding, "replace")
            if rest := data if self._waiting or self._writing else data[self._taken(data) :]:
                self._waiting += rest
                self._changed.notify_all()

    def _taken(self, data: bytes) -> int:
        """How many bytes of ``data`` the terminal takes now.

        The thread would get to it when the screen has nothing to do for a moment.
        """
        if self._at_once is None:
            return 0
        try:
            return os.write(self._at_once, data)
        except OSError:  # it is full; or gone, as the thread finds out
            return 0

    def finish(self, seconds: float) -> bool:
        """Wait at most ``seconds`` for the terminal; whether it has taken all."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._waiting and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._waiting

    def discard(self) -> None:
        """Forget what waits."""
        with self._changed:
            self._waiting.clear()
            self._dropped = False

    def close(self) -> None:
        """Write nothing more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            if self._at_once is not None:
                os.close(self._at_once)
                self._at_once = None

    def run(self) -> None:
        """Write until it is closed, or the terminal is gone."""
        terminal = select.poll()
        terminal.register(self._descriptor, select.POLLOUT)
        while piece := self._next_piece():
            if not terminal.poll(LOOK_SECONDS * 1000):
                continue
            try:
                written = os.write(self._descriptor, piece)
            except OSError:
                self._lost = True
                self.discard()
                return
            self._took(piece[:written])

    def _next_piece(self) -> bytes:
        """What to write next; empty once it is closed."""
        with self._changed:
            self._writing = False
            while not self._waiting and not self._closing:
                self._changed.wait()
            self._writing = not self._closing
            return bytes(self._waiting[:PIECE]) if self._writing else b""

    def _took(self, piece: bytes) -> None:
        with self._changed:
            if self._waiting.startswith(piece):  # unless it was discarded meanwhile
                del self._waiting[: len(piece)]
            again = self._dropped and not self._waiting
            self._dropped = self._dropped and not again
            self._changed.notify_all()
        if again:
            self._caught_up()


def _never_waiting(descriptor: int) -> int | None:
    """The terminal of ``descriptor`` opened once more, for writing without waiting; else None.

    The descriptor itself is shared with whoever started the program, and has to stay as it is.
    """
    opened = None
    with contextlib.suppress(OSError):  # it is no terminal, or another user's
        opened = os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        if os.fstat(opened).st_rdev == os.fstat(descriptor).st_rdev:
            return opened
    if opened is not None:
        os.close(opened)
    return None
