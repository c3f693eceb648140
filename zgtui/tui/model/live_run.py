"""One run as the app knows it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zgtui.config.settings import Clearing, RunName, RunSettings
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
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

    def take(self, sample: Mapping[str, Any]) -> None:
        """Take in a sample event of this run."""
        if "sharpness" in sample:
            self.sharpness, self.sharpness_step = sample["sharpness"], sample["step"]
        if "grad_norm" not in sample:
            return
        self.step = sample["step"]
        for name in GRADIENT:
            setattr(self, name, sample.get(name))
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

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take in a change as the log tells it."""
        if event["event"] == "set_lr":
            self.set_lr(event["step"], event["lr"])
        elif event["event"] == "set_clearing":
            clear = Clearing.parse(event["clear"])
            self.set_policy(event["step"], clear, event.get("accumulate", 1))

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

    def __init__(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """``changes`` are events of a log, oldest first; what is no change of a run is left out."""
        self._waiting = [
            (int(event["step"]), command)
            for event in changes
            if (command := _command(event)) is not None
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


def _command(event: Mapping[str, Any]) -> Command | None:
    if event["event"] == "set_lr":
        return SetLr(event["run"], event["lr"])
    if event["event"] == "set_clearing":
        clear = Clearing.parse(event["clear"])
        return SetClearing(event["run"], clear, event.get("accumulate", 1))
    return None
