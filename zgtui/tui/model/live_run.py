"""One run as its log has it, and the link to the worker that trains it."""

from __future__ import annotations

import math
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import field, replace
from typing import NamedTuple, TypeVar

from zgtui.charts.overlay import Mark
from zgtui.config.settings import RUNS, Clearing, RunName, RunSettings
from zgtui.curves.trend import mean
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.events import (
    FIRST_STEPS,
    Event,
    LrChanged,
    RunChange,
    Sampled,
    change_of,
    is_milestone,
)
from zgtui.tui.model.base import RunCurve
from zgtui.worker.client import Client, ClientFactory, WorkerListener
from zgtui.worker.protocol import Ack, Command, SetClearing, SetLr, SetRunning, StepBack, StepTo

BEFORE = 10
"""Losses before a change whose mean is told beside what came of it."""
GRADIENT = ("grad_norm", "fresh_norm", "carried_norm", "ratio", "cosine", "energy")
ROUNDING = 1e-6
"""Products and lengths below this share of the largest so far are rounding."""


@dataclass
class Measured:
    """The newest values of one run; None where nothing was measured yet.

    ``grad_norm`` is the length of ``.grad`` after the backward of ``step``, ``fresh_norm`` that of
    the gradient of this step alone, ``carried_norm`` that of what was there before, ``cosine`` that
    of the angle between the first two, ``sharpness`` the largest eigenvalue of the Hessian,
    measured at ``sharpness_step``. ``clearly`` tells whether the fresh gradient is more than
    rounding.
    """

    step: int = 0
    grad_norm: float | None = None
    fresh_norm: float | None = None
    carried_norm: float | None = None
    ratio: float | None = None
    cosine: float | None = None
    energy: float | None = None
    sharpness: float | None = None
    sharpness_step: int = 0
    clearly: bool = False
    _longest: tuple[float, float] = (0.0, 0.0)

    def take(self, sample: Sampled) -> None:
        """Take in a sample of this run."""
        values = sample.values
        if "sharpness" in values:
            self.sharpness, self.sharpness_step = values["sharpness"], sample.step
        if "grad_norm" not in values:
            return
        self.step = sample.step
        for name in GRADIENT:
            setattr(self, name, values.get(name))
        held, fresh = self.grad_norm or 0.0, self.fresh_norm or 0.0
        self._longest = max(self._longest[0], held), max(self._longest[1], fresh)
        self.clearly = fresh > ROUNDING * self._longest[1]

    @property
    def uphill(self) -> bool:
        """Whether the step went against its own gradient, by more than rounding."""
        if self.cosine is None or self.grad_norm is None or self.fresh_norm is None:
            return False
        product = self.cosine * self.grad_norm * self.fresh_norm
        return product < -ROUNDING * self._longest[0] * self._longest[1]

    def q(self, lr: float | None) -> float | None:
        """lr·λ at the learning rate ``lr``; None where either is unknown."""
        return None if lr is None or self.sharpness is None else lr * self.sharpness


@dataclass(kw_only=True)
class LiveRun(RunCurve):
    """One run: how it is set by now, and its losses so far; ``lr`` is before the schedule."""

    name: RunName
    settings: RunSettings
    """As the log has them up to now."""
    accuracy: float | None = None
    measured: Measured = field(default_factory=Measured)
    milestone: Measured = field(default_factory=Measured)
    """What was measured at the newest step that is sampled on every machine."""
    uphill: list[int] = field(default_factory=list)
    """Those of its first FIRST_STEPS steps that went uphill."""
    before_change: float | None = None
    """The mean of the newest losses before it was changed last."""
    _waiting: deque[Sampled] = field(default_factory=deque)
    _restarts: deque[int] = field(default_factory=deque)
    until: int | None = None
    """The last step before the run was changed by hand; None where it was not."""
    first: RunSettings = field(init=False)
    """What holds from step 1 to ``until``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.first = self.settings

    @property
    def clear(self) -> Clearing:
        """When it clears its gradients."""
        return self.settings.clear

    @property
    def lr(self) -> float | None:
        """Its learning rate; None until it is known."""
        return self.settings.lr

    @property
    def title(self) -> str:
        """Name and policy."""
        return f"{self.name}  {self.settings.title}"

    @property
    def sampled_first_steps(self) -> bool:
        """Whether each of its first steps was measured."""
        return self.milestone.step >= FIRST_STEPS

    def extend(self, losses: array[float]) -> None:
        """Take in the losses of the next steps, and what was measured up to there."""
        while self._restarts and self._restarts[0] <= self.history.steps + len(losses):
            count = self._restarts.popleft() - self.history.steps
            super().extend(losses[: max(0, count)])
            losses = losses[max(0, count) :]
            before = [loss for loss in self.history.tail(BEFORE) if math.isfinite(loss)]
            self.before_change = mean(before) if before else None
            self.tracker.restart()
        super().extend(losses)
        while self._waiting and self._waiting[0].step <= self.history.steps:
            self._measure(self._waiting.popleft())

    def _measure(self, sample: Sampled) -> None:
        self.measured.take(sample)
        self.accuracy = sample.values.get("accuracy", self.accuracy)
        if is_milestone(sample.step) and "grad_norm" in sample.values:
            self.milestone.take(sample)
            if sample.step <= FIRST_STEPS and self.milestone.uphill:
                self.uphill.append(sample.step)

    def begin(self, settings: RunSettings) -> None:
        """It is at step 0, set so."""
        self.settings = self.first = settings

    def take(self, event: Event) -> None:
        """Take in an event of the log, if it is about this run."""
        if isinstance(event, Sampled) and event.run == self.name:
            self._waiting.append(event)
        elif change := change_of(event, self.name):
            self._change(change)

    def _change(self, change: RunChange) -> None:
        if isinstance(change, LrChanged):
            changed = replace(self.settings, lr=change.lr)
            label = f"lr {change.lr:.4g}"
        elif change.clear is not None:
            changed = replace(self.settings, clear=change.clear, accumulate=change.accumulate)
            parts = f" /{change.accumulate}" if change.accumulate > 1 else ""
            label = f"zero_grad {change.clear}{parts}"
        else:
            return
        step, self.settings = change.step, changed
        if step > 1 and step not in self._restarts:
            self._restarts.append(step)
        if step > 1 and self.until is None:
            self.until = step - 1
        if self.until is None:
            self.first = self.settings
        kind = label.split(maxsplit=1)[0]
        # A later change of the same kind from the same step takes the place of this one.
        self.changes = [
            mark for mark in self.changes if mark.step != step or not mark.label.startswith(kind)
        ]
        self.changes.append(Mark(step, label))


def _command(event: RunChange) -> SetLr | SetClearing | None:
    """The command whose effect ``event`` is; None where it changed neither run."""
    if event.run not in RUNS:
        return None
    if isinstance(event, LrChanged):
        return SetLr(event.run, event.lr)
    return None if event.clear is None else SetClearing(event.run, event.clear, event.accumulate)


class ChangeReplay:
    """Says what to ask of a worker that stands still, one stop before each change."""

    def __init__(self, changes: Iterable[Event]) -> None:
        """``changes`` are events of a log, oldest first; those that change no run are left out."""
        self._waiting = [
            (event.step, command)
            for event in changes
            if isinstance(event, RunChange) and (command := _command(event)) is not None
        ]
        self.over = False

    def next_commands(self, step: int) -> list[Command]:
        """What to ask once ``step`` steps are done; the last answer lets it train on."""
        commands: list[Command] = []
        while self._waiting and self._waiting[0][0] <= step + 1:
            commands.append(self._waiting.pop(0)[1])
        self.over = not self._waiting
        last = SetRunning(running=True) if self.over else StepTo(self._waiting[0][0] - 1)
        return [*commands, last]


Acknowledged = Callable[[Ack], None]
CommandTold = Callable[[str], None]
"""Hears why a command was refused; empty where it was carried out."""


class Pending(NamedTuple):
    """A command that is not answered yet, who waits for the answer, and the key press it is of."""

    command: Command
    then: Acknowledged | None
    told: CommandTold | None
    press: int


Asked = TypeVar("Asked", bound=Command)


class WorkerLink:
    """The worker, and the commands that it has not acknowledged: key presses start from them."""

    def __init__(self, make_client: ClientFactory) -> None:
        self._make_client = make_client
        self._client: Client | None = None
        self._pending: dict[int, Pending] = {}
        self.began = self.heard = time.monotonic()
        """When it was started, and when it last said something."""

    @property
    def there(self) -> bool:
        """Whether there is a process to talk to."""
        return self._client is not None

    @property
    def idle(self) -> bool:
        """Whether every command is answered."""
        return not self._pending

    def start(self, listener: WorkerListener) -> None:
        """Start a process. Raises WorkerError if that fails."""
        self.began = self.heard = time.monotonic()
        self._pending.clear()
        self._client = self._make_client()
        self._client.start(listener)

    def send(
        self, command: Command, then: Acknowledged | None, told: CommandTold | None, press: int
    ) -> None:
        """Send ``command``; ``then`` waits for its acknowledgement, ``told`` for any answer."""
        assert self._client is not None
        self._pending[self._client.send(command)] = Pending(command, then, told, press)

    def answered(self, number: int) -> Pending:
        """The command with this number, which is pending no more."""
        return self._pending.pop(number)

    def lr(self, run: LiveRun) -> float | None:
        """The learning rate that ``run`` will have; None where it is not known yet."""
        wanted = [one.lr for one in self._of(SetLr) if one.run == run.name]
        return wanted[-1] if wanted else run.lr

    def policy(self, run: LiveRun) -> tuple[Clearing, int]:
        """When ``run`` will clear, and its micro-batches per step."""
        wanted = [one for one in self._of(SetClearing) if one.run == run.name]
        last = wanted[-1] if wanted else run.settings
        return last.clear, last.accumulate

    def step_back(self, step: int) -> int:
        """The step that a worker at ``step`` will have gone back to."""
        return min([step, *(one.to for one in self._of(StepBack))])

    def _of(self, kind: type[Asked]) -> list[Asked]:
        return [one.command for one in self._pending.values() if isinstance(one.command, kind)]

    async def stop(self) -> None:
        """End the process in order."""
        if self._client is not None:
            await self._client.stop()
            self._client = None

    def kill(self) -> None:
        """End the process at once."""
        client, self._client = self._client, None
        if client is not None:
            client.kill()

    def lost(self) -> None:
        """The process is gone."""
        self._client = None
