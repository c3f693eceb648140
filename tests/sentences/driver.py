"""Trains in this process and reads what the app would show at each step, without drawing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import Clearing, RunName, Settings
from zgtui.training.comparison import prepare
from zgtui.tui.model.live import RemoteComparison
from zgtui.worker.logged import LoggedComparison
from zgtui.worker.protocol import Ack, Command, Progress, SetClearing, SetLr, Start, Sync

if TYPE_CHECKING:
    from zgtui.worker.client import WorkerListener


@dataclass(frozen=True)
class Change:
    """From ``step`` on run ``run`` has another learning rate, or clears otherwise."""

    step: int
    run: RunName
    lr: float | None = None
    clear: Clearing | None = None


@dataclass(frozen=True)
class Case:
    """One setting to be trained for ``steps`` steps, with the changes made meanwhile."""

    name: str
    settings: Settings
    steps: int
    changes: tuple[Change, ...] = ()
    theory: bool = True
    """Whether theory is asked for as well: it is shown at every other step."""


class InProcessWorker:
    """Stands in for the training process: it trains when it is told to, step by step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._listener: WorkerListener | None = None
        self.logged: LoggedComparison | None = None

    def start(self, listener: WorkerListener) -> None:
        self._listener = listener

    def send(self, command: Command) -> int:
        self._number += 1
        self._waiting = (self._number, command)
        return self._number

    def answer(self) -> None:
        """Carry out the command sent last."""
        assert self._listener is not None
        number, command = self._waiting
        if isinstance(command, Start):
            comparison, settings = prepare(command.settings, {"cpu": "CPU"})
            self.logged = LoggedComparison(comparison, settings, self._folder / str(number))
            self._listener.worker_notice(self.logged.started())
        elif isinstance(command, SetLr | SetClearing):
            assert self.logged is not None
            self.logged.change(command)
        assert self.logged is not None
        step = self.logged.comparison.step
        self._listener.worker_notice(Ack(number, step + (not isinstance(command, Sync))))

    def train(self, *, sample: bool, last: bool) -> None:
        """One step of both runs, and the notice that it is in the log."""
        assert self._listener is not None
        assert self.logged is not None
        comparison = self.logged.comparison
        due = comparison.diagnostics.due(comparison.step + 1)
        comparison.advance(sample=sample or due or last, resting=last)
        self.logged.drain()
        self._listener.worker_notice(
            Progress(comparison.step, not last, last, dict(self.logged.accuracy))
        )

    def kill(self) -> None:
        if self.logged is not None:
            self.logged.end("test ended")
            self.logged = None

    async def stop(self) -> None:
        self.kill()


@dataclass
class Told:
    """What listeners are told; kept, not shown."""

    messages: list[str] = field(default_factory=list)

    def say(self, message: str, *, error: bool = False) -> None:
        self.messages.append(message)

    def cannot_start(self, message: str) -> None:
        raise AssertionError(message)

    def refresh_soon(self) -> None:
        pass


def trained(case: Case, folder: Path, *, sample: bool = False) -> Iterator[RemoteComparison]:
    """The comparison of ``case`` as the app has it, at step 0 and after each step.

    ``sample``: every step is measured, as at a speed of a class; else as often as is affordable.
    """
    worker = InProcessWorker(folder)
    live = RemoteComparison(case.settings, lambda: worker, Told())
    live.start()
    worker.answer()
    try:
        live.read()
        yield live
        for step in range(1, case.steps + 1):
            for change in case.changes:
                if change.step == step:
                    _apply(live, worker, change)
            worker.train(sample=sample, last=step == case.steps)
            live.read()
            yield live
    finally:
        worker.kill()


def _apply(live: RemoteComparison, worker: InProcessWorker, change: Change) -> None:
    if change.lr is not None:
        live.set_lr((change.run,), change.lr)
        worker.answer()
    if change.clear is not None:
        live.set_policy(change.run, change.clear, 1)
        worker.answer()


def changes_at(changes: Sequence[Change], run: RunName, step: int) -> list[Change]:
    """The changes of ``run`` that hold from ``step`` on."""
    return [one for one in changes if one.run == run and one.step == step]
