"""What is known of a comparison at one step, for those who check what was said there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from tests.sentences import exact
from tests.sentences.driver import Case
from tests.sentences.reference import Steps
from zgtui.config.settings import RunName, Settings


@dataclass(frozen=True)
class Seen:
    """``case`` after ``step`` steps; ``settings`` with every default filled in."""

    case: Case
    settings: Settings
    step: int
    runs: dict[RunName, Steps]
    full_batch: bool

    def at(self, step: int) -> Seen:
        return Seen(self.case, self.settings, step, self.runs, self.full_batch)

    @property
    def finished(self) -> bool:
        return self.step == self.case.steps

    def losses(self, run: RunName) -> list[float]:
        return self.runs[run].losses[: self.step]

    def period(self, run: RunName) -> int:
        """How often it clears now; changes sent are in force from their step on."""
        period = self.settings.run(run).clear.period
        for change in self.changes(run):
            period = change.clear.period if change.clear is not None else period
        return period

    def micro_batches(self, run: RunName) -> int:
        changed = any(change.clear is not None for change in self.changes(run))
        return 1 if changed else self.settings.run(run).accumulate

    def base_lr(self, run: RunName) -> float:
        """Its rate before the schedule."""
        lr = self.settings.run(run).lr
        for change in self.changes(run):
            lr = change.lr or lr
        assert lr is not None
        return lr

    def lr(self, run: RunName) -> float:
        """Its rate at this step, the schedule applied."""
        lrs = self.runs[run].lrs
        return lrs[self.step - 1] if self.step else self.base_lr(run)

    def changes(self, run: RunName) -> list:  # type: ignore[type-arg]
        return [one for one in self.case.changes if one.run == run and one.step <= self.step]

    @property
    def plain(self) -> bool:
        """SGD alone."""
        settings = self.settings
        return (
            settings.optimizer == "SGD"
            and not settings.momentum
            and not settings.weight_decay
            and settings.clip is None
        )

    @property
    def linear_theory(self) -> bool:
        """Whether the exact matrices describe what runs do: constant SGD on a full batch."""
        settings = self.settings
        return (
            settings.optimizer == "SGD"
            and settings.clip is None
            and settings.schedule == "constant"
            and self.full_batch
            and self.quadratic("A") is not None
        )

    def quadratic(self, run: RunName) -> exact.Quadratic | None:
        if not self.full_batch:
            return None
        return exact.quadratic(self.settings.experiment, self.settings.seed, run)

    def update(self, run: RunName, lr: float | None = None) -> exact.Update:
        lr = self.base_lr(run) if lr is None else lr
        return exact.update_of(self.settings, run, lr, self.period(run))

    def fate(self, run: RunName) -> exact.Fate:
        found = self.quadratic(run)
        assert found is not None
        return exact.fate(self.update(run), self.base_lr(run), found)

    def q(self, run: RunName) -> float:
        found = self.quadratic(run)
        assert found is not None
        return self.lr(run) * found.sharpest


def close(text: str, value: float, digits: int = 3) -> bool:
    """Whether ``text`` is ``value`` to so many significant digits, the last one give or take 1."""
    shown = float(text)
    if not math.isfinite(value) or not math.isfinite(shown):
        return str(shown) == str(value)
    if shown == value:
        return True
    size = max(abs(shown), abs(value))
    unit = 10.0 ** (math.floor(math.log10(size)) - digits + 1) if size else 0.0
    return abs(shown - value) <= 0.51 * unit * 2


def mean_of_newest(losses: list[float], count: int) -> float:
    return fmean(losses[-count:])
