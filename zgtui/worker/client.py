"""The app's side of the process border: starts the training process, talks to it, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import zgtui
from zgtui.errors import WorkerError
from zgtui.ipc import LineBuffer, LineWriter
from zgtui.runlog.log import make_private, open_private
from zgtui.runlog.sessions import ELSEWHERE, WORKER_LOG
from zgtui.worker.protocol import COMMANDS, NOTICES, Command, Notice

# Like ``-m zgtui.worker``, but never from the working folder: Python 3.10 has no safe path.
_BOOT = (
    "import sys; sys.path[0] or sys.path.pop(0); import runpy;"
    " runpy.run_module('zgtui.worker', run_name='__main__', alter_sys=True)"
)
HUNG_SECONDS = 2.5
"""A worker gives a sign of life several times in so long, unless a single step takes longer."""
STOP_SECONDS = 1.5
"""How long a worker may take to end by itself before it is killed."""


def silent_seconds(heard: float) -> float:
    """How long a worker last ``heard`` of, on the monotonic clock, is silent; 0 for not long."""
    waited = time.monotonic() - heard
    return waited if waited > HUNG_SECONDS else 0.0


class WorkerListener(Protocol):
    """Who is called with what the worker reports, always on the event loop's thread."""

    def worker_notice(self, notice: Notice) -> None:
        """The worker sent a notice."""

    def worker_ended(self, exit_code: int, reason: str) -> None:
        """The worker is gone; ``reason`` is one sentence."""


class Client(Protocol):
    """What the app needs of a worker; tests put a fake in its place."""

    def start(self, listener: WorkerListener) -> None:
        """Start the process.

        Raises:
            WorkerError: if it cannot be started.
        """

    def send(self, command: Command) -> int:
        """Send ``command``; its Ack will carry the number returned."""

    def kill(self) -> None:
        """End the process at once."""

    async def stop(self) -> None:
        """End the process in order: everything it trained is in the log when this returns."""


ClientFactory = Callable[[], Client]


class WorkerClient:
    """A training process of this program, read by the running event loop."""

    def __init__(self, session: Path) -> None:
        self.session = session
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: WorkerListener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lines = LineBuffer()
        self._writer: LineWriter | None = None
        self._number = 0

    @property
    def worker_log(self) -> Path:
        """Where everything goes that the worker and what it trains print."""
        return self.session / WORKER_LOG

    def start(self, listener: WorkerListener) -> None:
        """Start the process; ``listener`` is called from the running event loop.

        Raises:
            WorkerError: if it cannot be started.
        """
        self._listener, self._loop = listener, asyncio.get_running_loop()
        try:
            make_private(self.session)
            with open_private(self.worker_log) as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _BOOT, str(self.session), str(os.getpid())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=child_environment(),
                    start_new_session=True,
                )
        except OSError as error:
            raise WorkerError(
                f"cannot start training in {self.session}: {error.strerror}; {ELSEWHERE}"
            ) from error
        stdin, stdout = self._pipes(self._process)
        self._writer = LineWriter(stdin)
        os.set_blocking(stdout, False)
        self._loop.add_reader(stdout, self._readable)

    def send(self, command: Command) -> int:
        """Send ``command`` without waiting; a dead worker is reported by ``worker_ended`` alone."""
        self._number += 1
        if self._writer is not None:
            with contextlib.suppress(BrokenPipeError):
                self._writer.send(COMMANDS.encode(command, self._number))
            self._watch()
        return self._number

    def kill(self) -> None:
        """End the process, and whatever it started, at once."""
        if self._process is None:
            return
        self._forget()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    async def stop(self) -> None:
        """Close the worker's stdin, on which it writes its log and ends; kill it if it does not."""
        if self._process is None:
            return
        process = self._process
        self._forget()
        for _ in range(int(STOP_SECONDS / 0.01)):
            if process.poll() is not None:
                break
            await asyncio.sleep(0.01)
        self.kill()

    @staticmethod
    def _pipes(process: subprocess.Popen[bytes]) -> tuple[int, int]:
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin.fileno(), process.stdout.fileno()

    def _forget(self) -> None:
        """Listen no longer and close both pipes: end-of-file for the worker."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            return
        stdin, stdout = self._pipes(self._process)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(stdout)
            self._loop.remove_writer(stdin)
        self._writer = None
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _readable(self) -> None:
        assert self._process is not None
        assert self._listener is not None
        process = self._process
        try:
            data = os.read(self._pipes(process)[1], 65536)
        except BlockingIOError:
            return
        try:
            notices = [NOTICES.decode(line) for line in self._lines.take(data)]
        except ValueError as error:
            self.kill()
            self._listener.worker_ended(
                1, f"the training process sent a message that cannot be read: {error}"
            )
            return
        for notice in notices:
            self._listener.worker_notice(notice)
        if not data:
            self._ended(process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        """Stdout is at its end: the process is gone or about to go."""
        self._forget()
        try:
            exit_code = process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            exit_code = 0
        self.kill()
        assert self._listener is not None
        self._listener.worker_ended(exit_code, _reason(exit_code, self.worker_log))

    def _writable(self) -> None:
        assert self._writer is not None
        with contextlib.suppress(BrokenPipeError):
            self._writer.flush()
        self._watch()

    def _watch(self) -> None:
        """Go on sending as soon as the worker reads on."""
        assert self._loop is not None
        assert self._process is not None
        stdin, _ = self._pipes(self._process)
        if self._writer is not None and self._writer.waiting:
            self._loop.add_writer(stdin, self._writable)
        else:
            self._loop.remove_writer(stdin)


def child_environment() -> dict[str, str]:
    """The environment of a process of ours: no working folder among the import paths.

    A ``random.py`` in the folder where zgtui is started must not be imported in its place.
    """
    environment = dict(os.environ, PYTHONSAFEPATH="1", PYTHONFAULTHANDLER="1")
    root = str(Path(zgtui.__file__).parents[1])
    if sys.path and os.path.abspath(sys.path[0]) == root:  # noqa: PTH100 - sys.path may hold ""
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{inherited}" if inherited else root
    return environment


def _reason(exit_code: int, log: Path) -> str:
    """Why a worker that nobody stopped is gone, in one sentence."""
    if exit_code < 0:
        name = signal.Signals(-exit_code).name
        hint = ", usually because memory ran out" if name == "SIGKILL" else ""
        return f"the training process was killed by {name}{hint}"
    return f"the training process ended with exit code {exit_code}; see {log}"
