"""What became of both runs so far: the numbers that a verdict is about."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from zgtui.config.settings import RunName, RunSettings, Settings
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend, mean
from zgtui.lazy_dataclass import dataclass

MAX_NEWEST, MIN_NEWEST, NEWEST_SHARE = 20, 3, 4
"""Runs are compared by the mean of the newest quarter of their losses, but of 3 to 20 of them."""
RANGE = 64
"""The newest losses whose lowest and highest are told of an oscillation."""

Grade = Literal["learned", "partly", "not"]


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """One run so far.

    ``settings`` are the present ones; ``changed``: it was set otherwise meanwhile. ``newest`` are
    its newest losses, oldest first, at most RANGE; ``accuracy`` is from 0 to 1, None where it is
    not measured (yet).
    """

    name: str
    settings: RunSettings
    trend: Trend
    first: float | None
    newest: Sequence[float]
    steps: int
    accuracy: float | None = None
    changed: bool = False

    @property
    def count(self) -> int:
        """How many losses ``mean`` is of."""
        return min(self.steps, MAX_NEWEST, max(MIN_NEWEST, self.steps // NEWEST_SHARE))

    @property
    def mean(self) -> float:
        """The mean of its newest losses; nan where one of them is inf or nan, or there is none."""
        newest = self.newest[-self.count :] if self.count else ()
        return mean(newest) if newest and all(map(math.isfinite, newest)) else math.nan

    @property
    def last(self) -> float:
        """The newest loss; nan before there is one."""
        return self.newest[-1] if self.newest else math.nan

    @property
    def faulty(self) -> bool:
        """Whether it does not clear before every step."""
        return self.settings.clear.period != 1

    @property
    def failed(self) -> bool:
        """Whether its loss grows, or has left the numbers."""
        return self.trend.state in {"growing", "diverged"}

    def grade(self, chance: float) -> Grade | None:
        """Whether it learned: two thirds of the way from ``chance`` to 1; not: less than one."""
        if self.accuracy is None:
            return None
        way = (self.accuracy - chance) / (1 - chance) if chance < 1 else 1.0
        return "learned" if way >= 2 / 3 else "not" if way < 1 / 3 else "partly"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Both runs so far, after ``step`` steps.

    ``settings`` are those of the comparison with every default filled in. ``chance`` is the
    accuracy of guessing the commonest class, None where that is not known. ``differ_at`` is the
    first step whose losses differ, None while all are equal. ``same_init``: both runs started from
    the same weights. ``apart``: it is one of several losses of a script, which may work against
    each other, as those of a GAN do: the lower one is not the better one. ``ours``: zgtui trained
    both, on the same batches. ``axis`` is what counts the steps, ``unit`` what one loss is of: a
    step, or a value where not every step has one.
    """

    a: RunOutcome
    b: RunOutcome
    step: int
    settings: Settings
    finished: bool = False
    chance: float | None = None
    differ_at: int | None = None
    same_init: bool = True
    apart: bool = False
    ours: bool = True
    axis: str = "step"
    unit: str = "step"

    @property
    def runs(self) -> tuple[RunOutcome, RunOutcome]:
        """A, then B."""
        return self.a, self.b

    @property
    def only_clearing_differs(self) -> bool:
        """Whether the runs were set alike all along but for when they clear."""
        same_rate = self.a.settings.lr == self.b.settings.lr
        return self.same_init and same_rate and not (self.a.changed or self.b.changed)


def run_outcome(  # noqa: PLR0913 - all that is known of a run
    name: RunName,
    settings: RunSettings,
    history: LossHistory,
    trend: Trend,
    *,
    accuracy: float | None = None,
    changed: bool = False,
) -> RunOutcome:
    """What became of a run whose losses are in ``history``."""
    return RunOutcome(
        name=name,
        settings=settings,
        trend=trend,
        first=history.first,
        newest=history.tail(RANGE),
        steps=history.steps,
        accuracy=accuracy,
        changed=changed,
    )


@dataclass
class Difference:
    """Finds the first step at which the losses of two runs differ, as they come."""

    at: int | None = None
    """That step; None while all that came of both are equal."""
    _step: int = 0
    _waiting: dict[RunName, array[float]] = field(
        default_factory=lambda: {"A": array("d"), "B": array("d")}
    )

    def extend(self, name: RunName, losses: array[float]) -> None:
        """Take in the next losses of run ``name``."""
        if self.at is not None:
            return
        self._waiting[name].extend(losses)
        a, b = self._waiting.values()
        count = min(len(a), len(b))
        # Bytes, so that a nan equals itself.
        if a[:count].tobytes() != b[:count].tobytes():
            at = next(
                at for at in range(count) if a[at : at + 1].tobytes() != b[at : at + 1].tobytes()
            )
            self.at = self._step + at + 1
        self._step += count
        del a[:count], b[:count]
