"""The child's end of the line to the parent: commands are read between two steps."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import TYPE_CHECKING

from zgtui.instrument.protocol import (
    COMMANDS,
    NOTICES,
    PLAN,
    Command,
    Notice,
    Paused,
    Resumed,
)
from zgtui.ipc import Ack, LineBuffer, LineWriter, SetRunning, StepTo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASK_SECONDS = 0.002
"""Quick steps ask for commands so often: each time the system is asked, which takes a while."""
FINISH_SECONDS = 1.0
"""How long the end of a script may wait for a parent that does not read."""


class Control:
    """Talks to the parent that listens at ``path``; silent where ``path`` is empty."""

    def __init__(self, path: str, run: str, *, paused: bool) -> None:
        self.run = run
        self.running = not paused
        self.stop_at: int | None = None
        """Pause after this step."""
        self._socket: socket.socket | None = None
        self._lines = LineBuffer()
        self._poll = select.poll()
        self._due = 0.0
        """When commands are asked for again while it trains freely."""
        self._polled = select.POLLIN
        """What is waited for."""
        if path:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.connect(path)
            self._writer = LineWriter(self._socket.fileno())
            self._poll.register(self._socket, select.POLLIN)

    def send(self, notice: Notice) -> None:
        """Send ``notice``, now or when the parent reads again; never waits for it."""
        if self._socket is not None:
            try:
                self._writer.send(NOTICES.encode(notice))
            except BrokenPipeError:
                self._hang_up()

    def finish(self) -> None:
        """The process is about to end: wait a moment for what the parent has not taken yet."""
        if self._socket is not None:
            try:
                self._writer.finish(FINISH_SECONDS)
            except BrokenPipeError:
                self._hang_up()

    def between_steps(self, step: int, apply: Callable[[Command, int], int]) -> None:
        """Carry out the commands that have come after ``step``; wait while paused.

        ``apply`` carries out what is not about running and returns the step from which it holds.
        """
        if self._socket is None:
            return
        if self.running and self.stop_at is None:
            now = time.monotonic()
            if now < self._due:
                return
            self._due = now + ASK_SECONDS
        if self.stop_at is not None and step >= self.stop_at:
            self.running, self.stop_at = False, None
        waited = False
        while self._socket is not None:
            if not self.running and not waited:
                waited = True
                self.send(Paused(self.run, step))
            if not self._ready():
                break
            self._read(step, apply)
        if waited:
            self.send(Resumed(self.run, step))

    def _ready(self) -> bool:
        """Send on what waits; whether a command has come, for which a paused run waits."""
        while self._socket is not None:
            events = select.POLLIN | (select.POLLOUT if self._writer.waiting else 0)
            if events != self._polled:
                self._poll.modify(self._socket, events)
                self._polled = events
            found = self._poll.poll(0 if self.running else None)
            if not found or found[0][1] & ~select.POLLOUT:
                return bool(found)
            try:
                self._writer.flush()
            except BrokenPipeError:
                self._hang_up()
        return False

    def _read(self, step: int, apply: Callable[[Command, int], int]) -> None:
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
        for line in self._lines.take(received):
            number, command = COMMANDS.decode_numbered(line)
            holds = step + 1
            if isinstance(command, SetRunning):
                self.running, self.stop_at = command.running, None
            elif isinstance(command, StepTo):
                self.running = command.step > step
                self.stop_at = command.step if self.running else None
            else:
                holds = apply(command, step)
            self.send(Ack(number, holds, run=self.run))

    def _hang_up(self) -> None:
        """The parent is gone: this process is ended by its supervisor."""
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
        self._lines = LineBuffer()
        self._waiting: list[tuple[int, Command]] = []

    def add(self, command: Command, step: int) -> int:
        """Plan ``command`` after ``step``; returns the step from which it holds."""
        holds = step + self.AHEAD
        line = COMMANDS.encode(command, holds)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
        return holds

    def due(self, step: int) -> list[Command]:
        """The changes that hold from ``step`` on, in the order in which they were made."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size > self._position:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
            self._position += len(data)
            self._waiting += map(COMMANDS.decode_numbered, self._lines.take(data))
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


def reporter_ended(path: Path) -> bool:
    """Whether the process that made the file ``path`` by ``claim`` is gone."""
    try:
        os.kill(int(path.read_text()), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):  # it lives and is another user's, or has not written yet
        return False
    return False
