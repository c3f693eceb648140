"""A real training process under test: ask it something, wait for what it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tests.support.waiting import PATIENCE
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.runlog.log import EVENTS, losses_path, read_losses
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import Ack, Command, ComparisonStarted, Notice, Progress, Start

T = TypeVar("T", bound=Notice)

ENDLESS = Settings(device="cpu", steps=0, speed=0)
"""The article's experiment without end and without a speed limit."""


class Trainer:
    """A worker, and everything it said so far."""

    def __init__(self, session: Path) -> None:
        self.client = WorkerClient(session)
        self.notices: list[Notice] = []
        self.end: tuple[int, str] | None = None
        """Exit code and reason, once the process is gone."""
        self._news = asyncio.Event()
        self.client.start(self)

    @property
    def pid(self) -> int:
        assert self.client._process is not None
        return self.client._process.pid

    # zgtui.worker.client.WorkerListener

    def worker_notice(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._news.set()

    def worker_ended(self, exit_code: int, reason: str) -> None:
        self.end = (exit_code, reason)
        self._news.set()

    # Waiting

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until ``condition`` holds; it is looked at whenever the worker says something."""

        async def wait() -> None:
            while not condition():
                assert self.end is None, f"waited for {what}, but {self.end}; {self.notices[-3:]}"
                self._news.clear()
                await self._news.wait()

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except asyncio.TimeoutError:
            raise AssertionError(f"no {what}; last heard {self.notices[-3:]}") from None

    async def ended(self) -> tuple[int, str]:
        """Wait until the process is gone."""
        while self.end is None:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), PATIENCE)
        return self.end

    def heard(self, kind: type[T]) -> list[T]:
        """Everything of one kind that it said."""
        return [notice for notice in self.notices if isinstance(notice, kind)]

    async def first(self, kind: type[T]) -> T:
        """Its first word of this kind."""
        await self.until(lambda: bool(self.heard(kind)), kind.__name__)
        return self.heard(kind)[0]

    async def ask(self, command: Command) -> Ack:
        """Send ``command`` and wait for its answer."""
        number = self.client.send(command)
        return await self.answer(number)

    async def answer(self, number: int) -> Ack:
        """The answer to command ``number``."""

        def found() -> list[Ack]:
            return [ack for ack in self.heard(Ack) if ack.ack == number]

        await self.until(lambda: bool(found()), f"answer to command {number}")
        assert len(found()) == 1
        return found()[0]

    async def begin(
        self, settings: Settings = ENDLESS, *, running: bool = True
    ) -> ComparisonStarted:
        """Start a comparison; what was heard of an earlier one is forgotten."""
        ack = await self.ask(Start(settings, running))
        assert ack.error is None, ack.error
        assert ack.step == 1
        started = self.heard(ComparisonStarted)[-1]
        del self.notices[: self.notices.index(started)]
        return started

    async def reach(self, step: int) -> Progress:
        """Wait until it tells of ``step`` or a later one, which are then in the log."""

        def reached() -> bool:
            told = self.heard(Progress)
            return bool(told) and told[-1].step >= step

        await self.until(reached, f"step {step}")
        return self.heard(Progress)[-1]


def article(steps: int = 0, **lr: float) -> Settings:
    """The article's experiment at full speed; ``a`` and ``b`` are learning rates."""
    return Settings(
        device="cpu",
        steps=steps,
        speed=0,
        a=RunSettings(clear=EVERY, lr=lr.get("a")),
        b=RunSettings(clear=NEVER, lr=lr.get("b")),
    )


def losses(started: ComparisonStarted, run: str) -> list[float]:
    """All losses of ``run`` in the log now."""
    return read_losses(losses_path(Path(started.log), run), 0, 10**8).tolist()


def events(started: ComparisonStarted) -> list[dict[str, Any]]:
    """The events in the log, the samples left out."""
    lines = (Path(started.log) / EVENTS).read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] != "sample"]
