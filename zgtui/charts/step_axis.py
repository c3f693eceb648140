"""What the horizontal axis counts: steps, epochs, samples, time, or the logarithm of steps.

A step lies at a *position*, in units of which the axis is even. Windows are always of steps.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from zgtui.charts.axes import UNITS, Limits, Tick, fit_time, step_ticks
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.charts.plot import Curve


class Times(Protocol):
    """When the steps of a run were done, see `zgtui.runlog.times.StepTimes`."""

    @property
    def known(self) -> bool:
        """Whether there is any time to tell."""

    def seconds(self, step: float) -> float:
        """When ``step`` was done, in seconds."""

    def step(self, seconds: float) -> float:
        """What was done by then."""


@dataclass(frozen=True)
class StepAxis:
    """Steps as they are counted."""

    name: str = "step"

    @property
    def even(self) -> bool:
        """Whether steps are evenly spaced on it."""
        return True

    def position(self, step: float, times: Times | None = None) -> float:
        """Where ``step`` of a run with these ``times`` lies."""
        del times
        return step

    def step(self, position: float, times: Times | None = None) -> float:
        """The inverse of it."""
        del times
        return position

    def words(self, step: float, times: Times | None = None) -> str:
        """Where ``step`` lies, as it is told beside the step; empty where that says no more."""
        del step, times
        return ""

    def limits(self, shown: Limits, times: Times | None = None, *, growing: bool) -> Limits:
        """The positions of an axis that shows the steps ``shown``.

        ``growing``: those of a whole run that may go on.
        """
        del growing
        low, high = self.position(shown.low, times), self.position(shown.high, times)
        return Limits(low, high) if low < high else Limits(low, low + 1)

    def ticks(self, limits: Limits, columns: int) -> tuple[Tick, ...]:
        """Labelled positions between ``limits``, which are positions too."""
        return step_ticks(limits, columns)


@dataclass(frozen=True)
class ScaledSteps(StepAxis):
    """What comes in equal parts: ``per_step`` of them in each step."""

    per_step: float = 1.0

    def words(self, step: float, times: Times | None = None) -> str:
        """How many of them there are by then."""
        del times
        count = step * self.per_step
        return f"{self.name} {count:,.0f}" if count.is_integer() else f"{self.name} {count:,.2f}"

    def ticks(self, limits: Limits, columns: int) -> tuple[Tick, ...]:
        """At round numbers of what is counted."""
        counted = Limits(limits.low * self.per_step, limits.high * self.per_step)
        ticks = step_ticks(counted, columns, finest=FINEST)
        return tuple(replace(tick, position=tick.position / self.per_step) for tick in ticks)


FINEST = 1e-3
"""Ticks of epochs and seconds lie at least so far apart."""


@dataclass(frozen=True)
class LogSteps(StepAxis):
    """Steps by their logarithm; what comes before the first step lies at it."""

    name: str = "log step"

    @property
    def even(self) -> bool:
        """They are not."""
        return False

    def position(self, step: float, times: Times | None = None) -> float:
        """The exponent of ten."""
        del times
        return math.log10(max(1.0, step))

    def step(self, position: float, times: Times | None = None) -> float:
        """The inverse of it."""
        del times
        return float(10**position)

    def ticks(self, limits: Limits, columns: int) -> tuple[Tick, ...]:
        """At powers of ten, at 2 and 5 of them where there is room, in a short window at any."""
        low, high = self.step(limits.low), self.step(limits.high)
        if high < 10 * low:
            ticks = step_ticks(Limits(low, high), columns)
            return tuple(replace(tick, position=self.position(tick.position)) for tick in ticks)
        decades = limits.high - limits.low
        every = max(1, math.ceil(decades * LABEL_COLUMNS / max(1, columns)))
        digits = (1, 2, 5) if columns >= 3 * LABEL_COLUMNS * decades else (1,)
        exponents = range(math.floor(limits.low), math.floor(limits.high) + 1, every)
        values = [float(digit * 10**exponent) for exponent in exponents for digit in digits]
        return tuple(
            Tick(self.position(value), _plain(value)) for value in values if low <= value <= high
        )


LABEL_COLUMNS = 9
"""Room for a label and what keeps it from the next one."""


@dataclass(frozen=True)
class ClockSteps(StepAxis):
    """Steps by when they were done."""

    name: str = "seconds"

    @property
    def even(self) -> bool:
        """They are not."""
        return False

    def position(self, step: float, times: Times | None = None) -> float:
        """Seconds since the first losses were written."""
        return times.seconds(step) if times is not None and times.known else 0.0

    def words(self, step: float, times: Times | None = None) -> str:
        """In seconds, minutes or hours."""
        seconds = self.position(step, times)
        unit, suffix = _unit(seconds)
        return f"{seconds / unit:.4g}{suffix}"

    def step(self, position: float, times: Times | None = None) -> float:
        """What was done by then."""
        return times.step(position) if times is not None and times.known else 0.0

    def limits(self, shown: Limits, times: Times | None = None, *, growing: bool) -> Limits:
        """While a run goes on, up to a round number that holds still; else to its end."""
        found = super().limits(shown, times, growing=growing)
        return fit_time(found.high) if growing else found

    def ticks(self, limits: Limits, columns: int) -> tuple[Tick, ...]:
        """Seconds, minutes or hours."""
        unit, suffix = _unit(limits.high)
        counted = Limits(limits.low / unit, limits.high / unit)
        ticks = step_ticks(counted, columns - len(suffix), finest=FINEST)
        return tuple(Tick(tick.position * unit, f"{tick.label}{suffix}") for tick in ticks)


@dataclass(frozen=True)
class CountedSteps(ClockSteps):
    """Steps by what a column of their own table counts, whose rows are the ``Times`` of a curve."""

    name: str = "epoch"

    def words(self, step: float, times: Times | None = None) -> str:
        """How much was counted by then."""
        return f"{self.name} {self.position(step, times):,.4g}"

    def limits(self, shown: Limits, times: Times | None = None, *, growing: bool) -> Limits:
        """While a run goes on, up to a whole number; else to its end."""
        found = StepAxis.limits(self, shown, times, growing=growing)
        return Limits(0.0, float(max(1, math.ceil(found.high)))) if growing else found

    def ticks(self, limits: Limits, columns: int) -> tuple[Tick, ...]:
        """At round numbers."""
        return step_ticks(limits, columns, finest=FINEST)


TIME_UNITS = ((86400.0, " d"), (3600.0, " h"), (60.0, " min"), (1.0, " s"))
MIN_UNITS = 3
"""From three minutes on they are minutes."""


def _unit(seconds: float) -> tuple[float, str]:
    """Its seconds and its sign."""
    return next((one for one in TIME_UNITS if seconds >= MIN_UNITS * one[0]), TIME_UNITS[-1])


STEPS = StepAxis()
LOG_STEPS = LogSteps()
CLOCK = ClockSteps()


@dataclass(frozen=True)
class Pace:
    """What is known of the steps of a run beside their number; 0 and None where it is not."""

    steps_per_epoch: int = 0
    samples_per_step: int = 0
    times: Times | None = None
    counted: Sequence[str] = ()
    """What columns of the tables themselves count, of epochs and samples."""

    @property
    def axes(self) -> tuple[StepAxis, ...]:
        """Every axis that such steps can be shown on, in the order of the key."""
        epochs, samples = self.steps_per_epoch, self.samples_per_step
        found = [STEPS]
        if epochs > 1:
            found.append(ScaledSteps("epoch", 1 / epochs))
        elif "epoch" in self.counted:
            found.append(CountedSteps("epoch"))
        if samples:
            found.append(ScaledSteps("samples", float(samples)))
        elif "samples" in self.counted:
            found.append(CountedSteps("samples"))
        if self.times is not None and self.times.known:
            found.append(CLOCK)
        return (*found, LOG_STEPS)


def points(
    axis: StepAxis, curve: Curve, columns: int, shown: Limits, span: Limits
) -> tuple[Sequence[float], Sequence[float]]:
    """What to draw of the steps ``shown`` of ``curve`` on ``columns`` columns of ``axis``.

    Like `zgtui.charts.plot.Source.points`, but with positions, of which ``span`` is shown.
    """
    source, times = curve.source, curve.times
    first, last = max(1, math.floor(shown.low)), math.ceil(shown.high)
    if axis.even:
        return source.points(columns, first, last)
    steps: list[float] = []
    losses: list[float] = []
    start = first
    for column in range(1, columns + 1):
        border = span.low + column * (span.high - span.low) / columns
        # the last column ends at the last step, however its position was rounded
        end = last if column == columns else min(math.floor(axis.step(border, times)), last)
        if end < start:
            continue
        more, values = source.points(1, start, end)
        steps += more
        losses += values
        start = end + 1
    return [axis.position(step, times) for step in steps], losses


def _plain(value: float) -> str:
    """``10``, ``500`` and ``2k``."""
    for unit, suffix in UNITS:
        if value >= unit:
            return f"{value / unit:.4g}{suffix}"
    return f"{value:.4g}"
