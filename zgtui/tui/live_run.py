"""One run as the app knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zgtui.losses.history import LossHistory
from zgtui.losses.log import LossReader
from zgtui.losses.trend import TrendTracker
from zgtui.settings import Clearing, RunName, RunSettings
from zgtui.tui.measured import Measured

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
