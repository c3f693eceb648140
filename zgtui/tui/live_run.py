"""One run as the app knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from zgtui.losses.history import LossHistory
from zgtui.losses.log import LossReader
from zgtui.losses.trend import TrendTracker
from zgtui.settings import Clearing, RunName, RunSettings

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

    @property
    def title(self) -> str:
        """Name and policy."""
        return f"{self.name}  {RunSettings(clear=self.clear, accumulate=self.accumulate).title}"

    def read(self) -> bool:
        """Take in what is new in the log, at most READ_LIMIT losses; whether there was any."""
        return self.reader is not None and take_in(self.reader, self.history, self.tracker)

    def note(self, step: int, label: str) -> None:
        """Note a change; a later one of the same kind from the same step takes its place."""
        kind = label.split(maxsplit=1)[0]
        self.changes = [
            change
            for change in self.changes
            if not (change.step == step and change.label.startswith(kind))
        ]
        self.changes.append(Change(step, label))
