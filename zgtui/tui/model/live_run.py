"""One run as the app knows it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from zgtui.config.settings import RUNS, Clearing, RunName, RunSettings
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
from zgtui.runlog.events import Event, LrChanged, RunChange, Sampled
from zgtui.runlog.log import LossReader
from zgtui.worker.protocol import Command, SetClearing, SetLr, SetRunning, StepTo

REMEMBERED = 200
"""Sampled steps of which the share that went uphill is told."""
GRADIENT = ("grad_norm", "fresh_norm", "ratio", "cosine", "energy")


@dataclass
class Measured:
    """The newest values of one run; None where nothing was measured yet.

    ``grad_norm`` is the length of ``.grad`` as the step used it, ``fresh_norm`` that of the
    gradient of this step alone, ``cosine`` that of the angle between the two, ``sharpness`` the
    largest eigenvalue of the Hessian. ``step`` is the one that the gradients are of,
    ``sharpness_step`` that of the sharpness.
    """

    step: int = 0
    grad_norm: float | None = None
    fresh_norm: float | None = None
    ratio: float | None = None
    cosine: float | None = None
    energy: float | None = None
    sharpness: float | None = None
    sharpness_step: int = 0
    _uphill: deque[bool] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

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
        if self.cosine is not None:
            self._uphill.append(self.cosine < 0)

    @property
    def carried(self) -> float | None:
        """The length of what ``.grad`` held before this step's backward."""
        if self.grad_norm is None or self.fresh_norm is None or self.cosine is None:
            return None
        both = 2 * self.cosine * self.grad_norm * self.fresh_norm
        return math.sqrt(max(0.0, self.grad_norm**2 + self.fresh_norm**2 - both))

    @property
    def sampled(self) -> int:
        """Of how many steps ``uphill`` tells."""
        return len(self._uphill)

    @property
    def uphill(self) -> float:
        """The share, 0 to 1, of the newest sampled steps that went against the gradient."""
        return sum(self._uphill) / len(self._uphill) if self._uphill else 0.0

    def q(self, lr: float | None) -> float | None:
        """lr·λ at the learning rate ``lr``; None where either is unknown."""
        return None if lr is None or self.sharpness is None else lr * self.sharpness


READ_LIMIT = 5_000
"""Losses of a run read in one go: what a frame can afford. The rest comes with the next one."""


def take_in(reader: LossReader, history: LossHistory, tracker: TrendTracker) -> bool:
    """Take in what is new in the log, at most READ_LIMIT losses; whether there was any."""
    losses = reader.read(READ_LIMIT)
    if not losses:
        return False
    history.extend(losses)
    tracker.extend(losses)
    return True


@dataclass(frozen=True)
class Change:
    """A run was changed by hand, from ``step`` on; ``label`` says how."""

    step: int
    label: str


@dataclass
class LiveRun:
    """One run: what it is set to, and its losses so far.

    ``wanted_…`` is what was asked for and not confirmed yet; ``lr`` is before the schedule.
    """

    name: RunName
    clear: Clearing
    lr: float | None
    accumulate: int = 1
    accuracy: float | None = None
    wanted_lr: float | None = None
    wanted_policy: tuple[Clearing, int] | None = None
    history: LossHistory = field(default_factory=LossHistory)
    tracker: TrendTracker = field(default_factory=TrendTracker)
    reader: LossReader | None = None
    changes: list[Change] = field(default_factory=list)
    measured: Measured = field(default_factory=Measured)
    until: int | None = None
    """The last step before the run was changed by hand; None where it was not."""
    _first: tuple[Clearing, float | None, int] | None = None

    @property
    def title(self) -> str:
        """Name and policy."""
        return f"{self.name}  {RunSettings(clear=self.clear, accumulate=self.accumulate).title}"

    def read(self) -> bool:
        """Take in what is new in the log, at most READ_LIMIT losses; whether there was any."""
        return self.reader is not None and take_in(self.reader, self.history, self.tracker)

    @property
    def first(self) -> tuple[Clearing, float | None, int]:
        """Policy, rate and backwards a step that hold from step 1 to ``until``."""
        return self._first or (self.clear, self.lr, self.accumulate)

    def begin(self, settings: RunSettings) -> None:
        """These hold from step 1 on."""
        self.clear, self.lr, self.accumulate = settings.clear, settings.lr, settings.accumulate

    def set_lr(self, step: int, lr: float) -> None:
        """``lr`` holds from ``step`` on."""
        self._keep_first(step)
        self.lr = lr
        self._note(step, f"lr {lr:.4g}")

    def set_policy(self, step: int, clear: Clearing, accumulate: int) -> None:
        """``clear`` and ``accumulate`` hold from ``step`` on."""
        self._keep_first(step)
        self.clear, self.accumulate = clear, accumulate
        parts = f" /{accumulate}" if accumulate > 1 else ""
        self._note(step, f"zero_grad {clear}{parts}")

    def apply(self, event: RunChange) -> None:
        """Take in a change as the log has it."""
        if isinstance(event, LrChanged):
            self.set_lr(event.step, event.lr)
        elif event.clear is not None:
            self.set_policy(event.step, event.clear, event.accumulate)

    def _keep_first(self, step: int) -> None:
        if step > 1 and self._first is None:
            self._first, self.until = self.first, step - 1

    def _note(self, step: int, label: str) -> None:
        """Note a change; a later one of the same kind from the same step takes its place."""
        kind = label.split(maxsplit=1)[0]
        self.changes = [
            change
            for change in self.changes
            if not (change.step == step and change.label.startswith(kind))
        ]
        self.changes.append(Change(step, label))


class Again:
    """Says what to ask of a worker that stands still, one stop before each change."""

    def __init__(self, changes: Iterable[Event]) -> None:
        """``changes`` are events of a log, oldest first; what is no change of a run is left out."""
        self._waiting = [
            (event.step, command)
            for event in changes
            if isinstance(event, RunChange) and (command := _command(event)) is not None
        ]
        self.over = False

    def ask(self, step: int) -> list[Command]:
        """What to ask where ``step`` steps are done; the last answer lets it train on."""
        asked: list[Command] = []
        while self._waiting and self._waiting[0][0] <= step + 1:
            asked.append(self._waiting.pop(0)[1])
        self.over = not self._waiting
        asked.append(SetRunning(running=True) if self.over else StepTo(self._waiting[0][0] - 1))
        return asked


def _command(event: RunChange) -> Command | None:
    if event.run not in RUNS:
        return None
    if isinstance(event, LrChanged):
        return SetLr(event.run, event.lr)
    if event.clear is None:
        return None
    return SetClearing(event.run, event.clear, event.accumulate)
