"""A process beside the training that follows its log: it can neither slow nor end what it follows.

It is started as ``python -m MODULE ARGUMENTS``. Its stdin carries the folder of a log to follow, a
line each, the newest counts; an empty line once that training has ended. At end-of-file it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from zgtui.errors import WorkerError
from zgtui.ipc import LineBuffer, LineWriter
from zgtui.runlog.log import hold, make_private, open_private
from zgtui.worker.client import child_environment

UPDATE_SECONDS = 0.1
"""What follows a log is told of news so often, and a kept table likewise.

A row waits for the update after the one that saw its loss: half a second with all else.
"""


class Orders:
    """Reads the orders that come through the file descriptor ``stdin``."""

    def __init__(self, stdin: int) -> None:
        self.logs: list[Path] = []
        """The logs to follow, one after the other; the last is the one under way."""
        self.training_ended = False
        self.over = False
        """Nothing more is to come: take in the rest and end."""
        self._stdin = stdin
        self._lines = LineBuffer()

    def wait(self, seconds: float) -> None:
        """Wait at most ``seconds`` for an order, and take it in."""
        if not select.select([self._stdin], [], [], seconds)[0]:
            return
        data = os.read(self._stdin, 65536)
        if not data:
            self.over = True
        for line in self._lines.take(data):
            self.training_ended = not line
            if line:
                self.logs.append(Path(os.fsdecode(line)))


POLL_SECONDS = 0.02
FINISH_SECONDS = 5.0
"""How long a process that does not read is waited for at the end."""


class FollowerProcess:
    """One such process; what it prints to stderr goes to the file ``errors``."""

    def __init__(self, module: str, arguments: Sequence[str], errors: Path) -> None:
        self.errors = errors
        self._module = module
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: LineWriter | None = None
        self._followed: str | None = None

    def start(self) -> None:
        """Start the process, once.

        Raises:
            WorkerError: if it cannot be started.
        """
        if self._process is not None:
            return
        try:
            make_private(self.errors.parent)
            with open_private(self.errors) as errors:
                hold(errors.fileno())  # as long as the process lives, which inherits it
                self._process = subprocess.Popen(
                    [sys.executable, "-m", self._module, *self._arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=child_environment(),
                    start_new_session=True,
                )
        except OSError as error:
            raise WorkerError(f"cannot start {self._module}: {error.strerror}") from error
        assert self._process.stdin is not None
        self._writer = LineWriter(self._process.stdin.fileno())

    @property
    def exit_code(self) -> int | None:
        """None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self.exit_code is None

    def follow(self, log: str) -> None:
        """Have it follow ``log`` from now on; "" says that the training has ended."""
        if self._writer is None:
            return
        # That a process is gone is known by its exit code alone.
        with contextlib.suppress(BrokenPipeError):
            if log == self._followed:
                self._writer.flush()
                return
            self._followed = log
            self._writer.send(os.fsencode(log) + b"\n")

    async def first_line(self) -> str:
        """What it prints first; empty where it ends without a word."""
        assert self._process is not None
        assert self._process.stdout is not None
        loop, stdout = asyncio.get_running_loop(), self._process.stdout.fileno()
        os.set_blocking(stdout, False)
        buffer: LineBuffer = LineBuffer()
        first: asyncio.Future[bytes] = loop.create_future()

        def readable() -> None:
            data = os.read(stdout, 4096)
            lines = buffer.take(data)
            if not first.done() and (lines or not data):
                first.set_result(lines[0] if lines else b"")

        loop.add_reader(stdout, readable)
        try:
            return (await first).decode()
        finally:
            loop.remove_reader(stdout)

    async def ended(self) -> int:
        """Wait until it has ended by itself; returns its exit code."""
        while self._process is not None and self.exit_code is None:  # noqa: ASYNC110 - processes have no such event
            await asyncio.sleep(POLL_SECONDS)
        return self.exit_code or 0

    def wait(self, seconds: float | None = None) -> int | None:
        """The same for programs without an event loop; None where ``seconds`` are not enough."""
        if self._process is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def finish(self) -> None:
        """Have it take in the rest and end; ``ended`` waits for that."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            if self._writer is not None:
                self._writer.finish(FINISH_SECONDS)
            self._writer = None
            self._process.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._writer = None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()
