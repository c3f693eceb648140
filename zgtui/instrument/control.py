"""The child's end of the line to the parent: commands are read between two steps."""

from __future__ import annotations

import os
import select
import socket
from typing import TYPE_CHECKING

from zgtui.instrument import protocol
from zgtui.instrument.spec import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Control:
    """Talks to the parent that listens at ``path``; silent where ``path`` is empty."""

    def __init__(self, path: str, run: str, *, paused: bool) -> None:
        self.run = run
        self.running = not paused
        self.stop_at: int | None = None
        """Pause after this step."""
        self._socket: socket.socket | None = None
        self._incoming = b""
        self._outgoing = bytearray()
        self._poll = select.poll()
        if path:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.connect(path)
            self._socket.settimeout(0.0)
            self._poll.register(self._socket, select.POLLIN)

    def send(self, notice: protocol.Notice) -> None:
        """Send ``notice``, now or when the parent reads again; never waits for it."""
        if self._socket is not None:
            self._outgoing += protocol.encode(notice)
            self._push()

    def _push(self) -> None:
        assert self._socket is not None
        try:
            while self._outgoing:
                del self._outgoing[: self._socket.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up()

    def between_steps(self, step: int, apply: Callable[[protocol.Command, int], int]) -> None:
        """Carry out the commands that have come after ``step``; wait while paused.

        ``apply`` carries out what is not about running and returns the step from which it holds.
        """
        if self._socket is None:
            return
        if self._outgoing:
            self._push()
        if self.stop_at is not None and step >= self.stop_at:
            self.running, self.stop_at = False, None
        waited = False
        while self._socket is not None:
            if not self.running and not waited:
                waited = True
                self.send(protocol.Paused(self.run, step))
            if not self._poll.poll(None if not self.running else 0):
                break
            self._read(step, apply)
        if waited:
            self.send(protocol.Resumed(self.run, step))

    def _read(self, step: int, apply: Callable[[protocol.Command, int], int]) -> None:
        assert self._socket is not None
        try:
            received = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._hang_up()
            return
        *lines, self._incoming = (self._incoming + received).split(b"\n")
        for line in lines:
            number, command = protocol.decode_command(line)
            holds = step + 1
            if isinstance(command, protocol.SetRunning):
                self.running, self.stop_at = command.running, None
            elif isinstance(command, protocol.StepTo):
                self.running = command.step > step
                self.stop_at = command.step if self.running else None
            else:
                holds = apply(command, step)
            self.send(protocol.Ack(self.run, number, holds))

    def _hang_up(self) -> None:
        """The parent is gone: whoever guards this process will end it."""
        if self._socket is not None:
            self._poll.unregister(self._socket)
            self._socket.close()
            self._socket = None
        self.running = True

    def forked(self) -> None:
        """This is a copy in a forked child: leave the line to the one it was forked from."""
        if self._socket is not None:
            os.close(self._socket.detach())
            self._socket = None
        self.running = True


class Plan:
    """Changes that several processes of one run must make before the same step.

    The process that reports writes a change here with the step from which it holds; every
    process reads after each step. Ranks that exchange gradients in each backward are at most one
    backward apart, so that a change written after step s is seen by all before step s + 2.
    """

    AHEAD = 2

    def __init__(self, folder: Path) -> None:
        self._path = folder / PLAN
        self._position = 0
        self._waiting: list[tuple[int, protocol.Command]] = []

    def add(self, command: protocol.Command, step: int) -> int:
        """Plan ``command`` after ``step``; returns the step from which it holds."""
        holds = step + self.AHEAD
        line = protocol.encode(command, holds)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
        return holds

    def due(self, step: int) -> list[protocol.Command]:
        """The changes that hold from ``step`` on, in the order in which they were made."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size > self._position:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
            data = data[: data.rfind(b"\n") + 1]
            self._position += len(data)
            for line in data.splitlines():
                holds, command = protocol.decode_command(line)
                self._waiting.append((holds, command))
        ready = [command for holds, command in self._waiting if holds <= step]
        self._waiting = [(holds, command) for holds, command in self._waiting if holds > step]
        return ready


def claim(path: Path) -> bool:
    """Whether this process is the one that reports: the first to make the file ``path``."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text() == str(os.getpid())
    try:
        os.write(descriptor, str(os.getpid()).encode())
    finally:
        os.close(descriptor)
    return True
