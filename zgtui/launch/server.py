"""The parent's end of the lines to the scripts: one listener, one connection per run."""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import tempfile

from zgtui.instrument import protocol


class ControlServer:
    """Listens at ``path`` and registers every connection with ``selector``, its data this object.

    When the selector says that one of them is readable, ``take`` it.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        # A folder of its own, since the name of a Unix socket may have only about 100 letters.
        self._folder = tempfile.mkdtemp(prefix="zgtui-")
        self.path = f"{self._folder}/line"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._listener.settimeout(0.0)
        self._selector.register(self._listener, selectors.EVENT_READ, self)
        self._rests: dict[socket.socket, bytes] = {}
        self._runs: dict[str, socket.socket] = {}
        self._number = 0
        self._sent: dict[int, protocol.Command] = {}

    def take(self, readable: socket.socket) -> list[protocol.Notice]:
        """What a readable connection says; the listener's say is a further connection."""
        if readable is self._listener:
            self._accept()
            return []
        try:
            received = readable.recv(65536)
        except OSError:
            received = b""
        *lines, rest = (self._rests[readable] + received).split(b"\n")
        self._rests[readable] = rest
        notices = [protocol.decode_notice(line) for line in lines]
        for notice in notices:
            self._runs[notice.run] = readable
        if not received:
            self._hang_up(readable)
        return notices

    def drain(self, run: str) -> list[protocol.Notice]:
        """All that a run whose processes have ended has still said."""
        self._accept()  # a short script may end before it was listened to
        notices: list[protocol.Notice] = []
        for stranger in [line for line in self._rests if line not in self._runs.values()]:
            notices += self.take(stranger)
        while run in self._runs:
            notices += self.take(self._runs[run])
        return notices

    def send(self, run: str, command: protocol.Command) -> None:
        """Send ``command`` if ``run`` is connected; else it is told its state when it is."""
        line = self._runs.get(run)
        if line is None:
            return
        self._number += 1
        self._sent[self._number] = command
        with contextlib.suppress(OSError):  # it is ending, which is told soon
            line.sendall(protocol.encode(command, self._number))

    def acknowledged(self, ack: protocol.Ack) -> protocol.Command | None:
        """The command that ``ack`` answers."""
        return self._sent.pop(ack.ack, None)

    def close(self) -> None:
        """Close every connection."""
        for line in [*self._rests]:
            self._hang_up(line)
        self._selector.unregister(self._listener)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                line, _ = self._listener.accept()
                line.settimeout(1.0)
                self._rests[line] = b""
                self._selector.register(line, selectors.EVENT_READ, self)

    def _hang_up(self, line: socket.socket) -> None:
        self._selector.unregister(line)
        line.close()
        del self._rests[line]
        self._runs = {run: other for run, other in self._runs.items() if other is not line}
