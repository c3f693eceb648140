"""The parent's end of the lines to the scripts: one listener, one connection per run."""

from __future__ import annotations

import contextlib
import select
import selectors
import socket
from dataclasses import dataclass, field

from zgtui.instrument.protocol import COMMANDS, NOTICES, Command, Notice
from zgtui.ipc import LineBuffer, LineWriter
from zgtui.temporary import TemporaryFolder

LINE = "line"
"""The name of the socket."""


@dataclass(eq=False)
class Connection:
    """The line to one process; ``run`` is known from its first notice on."""

    socket: socket.socket
    writer: LineWriter
    lines: LineBuffer = field(default_factory=LineBuffer)
    run: str = ""


class ControlServer:
    """Listens at ``path`` and registers every connection with ``selector``.

    A key of the selector whose data is this object, or a Connection, is for ``serve``.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        """Raises UsageError if no temporary folder can be made."""
        self._selector = selector
        # A folder of its own, since the name of a Unix socket may have only about 100 letters.
        self._folder = TemporaryFolder("run", socket=LINE)
        self.path = f"{self._folder.path}/{LINE}"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._listener.settimeout(0.0)
        self._selector.register(self._listener, selectors.EVENT_READ, self)
        self._connections: list[Connection] = []
        self._number = 0
        self._sent: dict[int, Command] = {}

    def serve(self, connection: Connection | ControlServer) -> list[Notice]:
        """Go on with what the selector says is ready; returns what was said."""
        if not isinstance(connection, Connection):
            self._accept()
            return []
        if connection not in self._connections:  # closed since the selector was asked
            return []
        self._flush(connection)
        return self._read(connection)

    def drain(self, run: str) -> list[Notice]:
        """All that a run whose processes have ended has still said."""
        self._accept()  # a short script may end before it was listened to
        notices: list[Notice] = []
        for connection in self._connections[:]:
            if not connection.run:
                notices += self._read(connection)
        for connection in [one for one in self._connections if one.run == run]:
            while connection in self._connections:
                if select.select([connection.socket], [], [], 0)[0]:
                    notices += self._read(connection)
                else:  # a process that the script left behind still holds the other end
                    self._hang_up(connection)
        return notices

    def send(self, run: str, command: Command) -> None:
        """Send ``command`` if ``run`` is connected, without waiting for it to read.

        One that is not connected yet is sent its whole state when it is.
        """
        connection = next((one for one in self._connections if one.run == run), None)
        if connection is None:
            return
        self._number += 1
        self._sent[self._number] = command
        with contextlib.suppress(BrokenPipeError):  # that it is ending is read from it soon
            connection.writer.send(COMMANDS.encode(command, self._number))
        self._watch(connection)

    def acknowledged(self, number: int) -> Command | None:
        """The command of this number, which was answered."""
        return self._sent.pop(number, None)

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections[:]:
            self._hang_up(connection)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._folder.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                accepted, _ = self._listener.accept()
                connection = Connection(accepted, LineWriter(accepted.fileno()))
                self._connections.append(connection)
                self._selector.register(accepted, selectors.EVENT_READ, connection)

    def _read(self, connection: Connection) -> list[Notice]:
        try:
            received = connection.socket.recv(65536)
        except BlockingIOError:
            return []
        except OSError:
            received = b""
        try:
            notices = [NOTICES.decode(line) for line in connection.lines.take(received)]
        except ValueError:  # not one of ours: nothing it says can be relied on
            notices, received = [], b""
        for notice in notices:
            connection.run = notice.run or connection.run
        if not received:
            self._hang_up(connection)
        return notices

    def _flush(self, connection: Connection) -> None:
        with contextlib.suppress(BrokenPipeError):
            connection.writer.flush()
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        """Go on sending as soon as the script reads on."""
        writing = selectors.EVENT_WRITE if connection.writer.waiting else 0
        self._selector.modify(connection.socket, selectors.EVENT_READ | writing, connection)

    def _hang_up(self, connection: Connection) -> None:
        self._selector.unregister(connection.socket)
        connection.socket.close()
        self._connections.remove(connection)
