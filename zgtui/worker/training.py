"""The training process as ``zgtui train`` sees it: one comparison, from start to end."""

from __future__ import annotations

import asyncio
import time

from zgtui.config.settings import RunName, Settings
from zgtui.errors import UsageError, WorkerError, ZgtuiError
from zgtui.ipc import Ack
from zgtui.worker.client import Client, silent_seconds
from zgtui.worker.protocol import ComparisonStarted, Failed, Notice, Progress, Remark, Start


class Training:
    """A comparison that is trained once, from start to end, as ``zgtui train`` needs it.

    What it comes to is in the fields; ``changed`` is set whenever one of them is.
    """

    def __init__(self, client: Client) -> None:
        self.started: ComparisonStarted | None = None
        self.failure: ZgtuiError | None = None
        self.ended = False
        self.remarks: list[str] = []
        """What is worth to be told of it, until it is."""
        self.accuracy: dict[RunName, float] = {}
        self.together = 0
        """At how many steps both runs were trained together."""
        self.seconds = 0.0
        """From the start of the first step to the last that was reported."""
        self.changed = asyncio.Event()
        self._client = client
        self._message = ""
        self._began = self._heard = 0.0
        self._silent = False

    def launch(self) -> None:
        """Start the process; it imports PyTorch.

        Raises:
            WorkerError: if it cannot be started.
        """
        self._client.start(self)

    def start(self, settings: Settings) -> None:
        """Begin to train."""
        self._client.send(Start(settings))

    async def stop(self) -> None:
        """End the process in order: everything it trained is in the log when this returns."""
        await self._client.stop()

    def kill(self) -> None:
        """End the process at once, if it is still there."""
        self._client.kill()

    def end(self) -> None:
        """Nothing more is waited for."""
        self.ended = True
        self.changed.set()

    def falls_silent(self) -> bool:
        """Whether it has just been without a sign of life for too long; once each time."""
        before = self._silent
        self._silent = self.started is not None and silent_seconds(self._heard) > 0
        return self._silent and not before

    def worker_notice(self, notice: Notice) -> None:
        """Take in a notice."""
        self._heard = time.monotonic()
        if isinstance(notice, ComparisonStarted):
            self.started = notice
            self.remarks += filter(None, [notice.device_note])
            self._began = time.monotonic()
            self.changed.set()
        elif isinstance(notice, Progress):
            self.accuracy, self.together = notice.accuracy, notice.together
            if notice.running or notice.finished:
                self.seconds = time.monotonic() - self._began
            if notice.finished:
                self.end()
        elif isinstance(notice, Ack) and notice.error is not None:
            self.failure = UsageError(notice.error)
            self.end()
        elif isinstance(notice, Remark):
            self.remarks.append(notice.text)
        elif isinstance(notice, Failed):
            self._message = notice.message

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        """It is gone without having been asked to go."""
        self.failure = WorkerError(f"{self._message} ({reason})" if self._message else reason)
        self.end()
