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
from zgtui.worker.client import child_environment


class Orders:
    """Reads the orders that come through the file descriptor ``stdin``."""

    def __init__(self, stdin: int) -> None:
        self.logs: list[Path] = []
        """The logs to follow, one after the other; the last is the one under way."""
        self.training_ended = False
        self.over = False
        """Nothing will be said any more: take in the rest and end."""
        self._stdin = stdin
        self._received = b""

    def wait(self, seconds: float) -> None:
        """Wait at most ``seconds`` for an order, and take it in."""
        if not select.select([self._stdin], [], [], seconds)[0]:
            return
        data = os.read(self._stdin, 65536)
        if not data:
            self.over = True
            return
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self.training_ended = not line
            if line:
                self.logs.append(Path(os.fsdecode(line)))


POLL_SECONDS = 0.02


class FollowerProcess:
    """One such process; what it prints to stderr goes to the file ``errors``."""

    def __init__(self, module: str, arguments: Sequence[str], errors: Path) -> None:
        self.errors = errors
        self._module = module
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._told: str | None = None

    def start(self) -> None:
        """Start the process, once. Raises WorkerError where that fails."""
        if self._process is not None:
            return
        try:
            self.errors.parent.mkdir(parents=True, exist_ok=True)
            with self.errors.open("ab") as errors:
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

    @property
    def exit_code(self) -> int | None:
        """None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self.exit_code is None

    def follow(self, log: str) -> None:
        """Have it follow ``log`` from now on; "" tells that the training has ended."""
        if self._process is None or log == self._told:
            return
        self._told = log
        assert self._process.stdin is not None
        # A process that is gone is told by its exit code alone; a path fits into any pipe.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(os.fsencode(log) + b"\n")
            self._process.stdin.flush()

    async def first_line(self) -> str:
        """What it says first; empty where it ends without a word."""
        assert self._process is not None
        assert self._process.stdout is not None
        loop, stdout = asyncio.get_running_loop(), self._process.stdout.fileno()
        os.set_blocking(stdout, False)
        said, whole = bytearray(), asyncio.Event()

        def readable() -> None:
            data = os.read(stdout, 4096)
            said.extend(data)
            if not data or b"\n" in data:
                whole.set()

        loop.add_reader(stdout, readable)
        try:
            await whole.wait()
        finally:
            loop.remove_reader(stdout)
        return said.partition(b"\n")[0].decode()

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
            self._process.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        if self._process is None:
            return
        self.finish()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()
