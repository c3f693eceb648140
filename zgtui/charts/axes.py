"""Axes that hold still while a curve grows: round limits, ticks and their labels. Pure numbers.

An axis places a value at 0.0 (its low end) to 1.0 (its high end), whatever the value: every float
is placed safely, so that nothing behind it meets an infinity, a NaN or an overflow.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

DECADES = 16
"""A logarithmic axis reaches this many powers of ten below its top; less is drawn at the edge."""

DIVERGED_DECADES = 48
"""The same where a loss diverged: what it left, and other runs, are still to be seen below it."""

MIN_STEPS = 20
"""Length of the step axis of a run whose planned length is unknown."""

LABEL_DIGITS = 4
"""Steps are written with so many digits, 1.234M for example, where that tells them apart."""

LEAST_UNIT = 1e3
UNITS = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (LEAST_UNIT, "k"))
"""Of steps, the largest first."""

_TINY = 1e-300
_HUGE = sys.float_info.max
_ROUNDING = 1e-9
_FINEST = 1e-5
"""An axis away from zero spans at least this part of its losses; labels stay short so."""

_FIXED_WIDTH = 6


@dataclass(frozen=True)
class Limits:
    """The ends of an axis, ``low < high``; exponents of ten where the axis is logarithmic."""

    low: float
    high: float


@dataclass(frozen=True)
class Tick:
    """A labelled value of an axis, in the units of its limits."""

    position: float
    label: str


@dataclass(frozen=True)
class Axis:
    """Limits with their ticks; ``log`` means that limits and ticks are exponents of ten."""

    limits: Limits
    ticks: tuple[Tick, ...]
    log: bool = False

    def place(self, value: float) -> float | None:
        """Where ``value`` lies, 0.0 to 1.0, clamped to the ends; None where it has no place.

        That is where it is not finite, and on a logarithmic axis where it is zero or below.
        """
        if not math.isfinite(value) or (self.log and value <= 0):
            return None
        return self.fraction(math.log10(value) if self.log else value)

    def beyond(self, value: float) -> int:
        """1 where a finite ``value`` lies above the axis, -1 below it, else 0."""
        if not math.isfinite(value) or (self.log and value <= 0):
            return 0
        position = math.log10(value) if self.log else value
        return (position > self.limits.high) - (position < self.limits.low)

    def fraction(self, position: float) -> float:
        """``place`` for a finite number in the units of the limits."""
        low, high = self.limits.low, self.limits.high
        if position <= low:
            return 0.0
        if position >= high:
            return 1.0
        scale = max(abs(low), abs(high))
        return (position / scale - low / scale) / (high / scale - low / scale)


def fit_steps(last: int, planned: int = 0) -> Limits:
    """A step axis from 0 that fits step ``last``, growing in jumps of 1, 2 or 5 times 10ⁿ.

    It is never shorter than ``planned``, the known length of the run (0: unknown).
    """
    shortest = planned if planned > 0 else MIN_STEPS
    return Limits(0.0, float(shortest if last <= shortest else _round_up(last)))


def fit_time(last: float) -> Limits:
    """An axis of seconds from 0 that fits ``last``, growing in jumps of 1, 2 or 5 times 10ⁿ."""
    return Limits(0.0, _round_up(last) if last > 0 else 1.0)


def fit_losses(low: float, high: float, previous: Limits | None = None) -> Limits:
    """A linear axis around finite losses ``low`` to ``high``; from 0 when none is negative.

    ``previous`` limits are kept while the losses lie inside and fill about half of them.
    """
    if low >= 0:
        low = 0.0
        high = high if high >= _TINY else 1.0
    if previous is not None and previous.low <= low and high <= previous.high:
        used, whole = high / 2 - low / 2, previous.high / 2 - previous.low / 2
        if used >= whole / 2 and (low < 0) == (previous.low < 0):
            return previous
    largest = max(abs(low), abs(high), _TINY)
    span = high / 4 - low / 4 if low < high else largest / 4
    spacing = _round_up(max(span, largest * _FINEST))
    lower, upper = _floor(low, spacing), -_floor(-high, spacing)
    if lower == upper:
        lower, upper = _bounded(lower - spacing), _bounded(upper + spacing)
    return Limits(lower, upper)


def fit_decades(
    low: float, high: float, previous: Limits | None = None, *, most: int = DECADES
) -> Limits:
    """A logarithmic axis of at most ``most`` powers of ten around positive ``low`` to ``high``."""
    top = math.ceil(math.log10(high))
    bottom = max(math.floor(math.log10(low)), top - most)
    if bottom == top:
        bottom -= 1
    if previous is not None and previous.low <= bottom and top <= previous.high:
        whole = previous.high - previous.low
        if whole <= most and (top - bottom) * 2 >= whole:
            return previous
    return Limits(float(bottom), float(top))


def step_ticks(limits: Limits, columns: int, *, finest: float = 1.0) -> tuple[Tick, ...]:
    """Ticks of a step axis ``columns`` wide, so far apart that labels never touch.

    They are at least ``finest`` steps apart.
    """
    short = len(_step_label(limits.high, limits.high))
    spacing = max(finest, _step_spacing(limits, columns, short))
    if limits.high < spacing * 10**LABEL_DIGITS:
        label = _step_label
    else:
        spacing = max(finest, _step_spacing(limits, columns, len(f"{limits.high:,.0f}")))
        label = _whole_step
    return tuple(Tick(value, label(value, limits.high)) for value in _multiples(limits, spacing))


def _step_spacing(limits: Limits, columns: int, label: int) -> float:
    room = max(1, columns // (label + 5))
    return _round_up((limits.high - limits.low) / room)


def loss_ticks(limits: Limits, rows: int) -> tuple[Tick, ...]:
    """Ticks of a linear loss axis ``rows`` high, about one in three rows."""
    pieces = max(2, rows // 3)
    spacing = _round_up(limits.high / pieces - limits.low / pieces)
    values = _multiples(limits, spacing)
    if len(values) < 2 or rows < 3:
        values = [limits.low, limits.high]
        spacing = _bounded(limits.high - limits.low)
    return tuple(map(Tick, values, _loss_labels(values, spacing)))


def decade_ticks(limits: Limits, rows: int) -> tuple[Tick, ...]:
    """Ticks of a logarithmic axis ``rows`` high: whole powers, and 2 and 5 where there is room."""
    low, high = round(limits.low), round(limits.high)
    if (low, high) != (limits.low, limits.high):
        return _exponent_ticks(limits, rows)
    if rows >= 9 * (high - low):
        exponents = [(low + i, digit) for i in range(high - low) for digit in (1, 2, 5)]
        exponents.append((high, 1))
    else:
        every = int(_round_up(max(1.0, (high - low) * 3 / max(1, rows))))
        exponents = [(exponent, 1) for exponent in range(high, low - 1, -every)][::-1]
    return tuple(
        Tick(exponent + math.log10(digit), f"{digit}e{exponent}") for exponent, digit in exponents
    )


def _exponent_ticks(limits: Limits, rows: int) -> tuple[Tick, ...]:
    """Ticks of a part of a logarithmic axis that need not end at whole powers."""
    spacing = _round_up((limits.high - limits.low) / max(2, rows // 3))
    digits = max(1, 1 - _exponent(spacing))
    ticks = []
    for value in _multiples(limits, spacing):
        exponent = math.floor(value)
        mantissa = "1" if value == exponent else f"{10 ** (value - exponent):.{digits}f}"
        ticks.append(Tick(value, f"{mantissa}e{exponent}"))
    return tuple(ticks)


def _step_label(value: float, highest: float) -> str:
    """A step as an axis up to ``highest`` shows it: 500, 20k, 1.5M."""
    for unit, suffix in UNITS:
        if highest >= (unit if unit > LEAST_UNIT else 10 * unit) and value > 0:
            return f"{value / unit:.4g}{suffix}"
    return f"{value:.4g}"


def _whole_step(value: float, highest: float) -> str:
    del highest  # every step in full
    return f"{value:,.0f}"


def _loss_labels(values: Sequence[float], spacing: float) -> list[str]:
    """Labels of one notation with as many digits as multiples of ``spacing`` have."""
    finest = _exponent(spacing)
    decimals = max(0, -finest)
    fixed = [f"{value:.{decimals}f}" for value in values]
    if max(map(len, fixed)) <= _FIXED_WIDTH:
        return fixed
    digits = max(0, _exponent(max(map(abs, values))) - finest)
    return [_scientific(value, digits) for value in values]


def _scientific(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _exponent(value: float) -> int:
    """N of the 10ⁿ ≤ ``value``, taking rounding errors for what they stand for."""
    return math.floor(math.log10(max(value, _TINY)) + _ROUNDING)


def _round_up(value: float) -> float:
    """The least of 1, 2 or 5 times 10ⁿ that is not below ``value`` > 0; finite in any case."""
    exponent = _exponent(value)
    for digits in ("1", "2", "5", "10"):
        # reading a decimal rounds correctly where 10.0**n multiplied does not
        rounded = float(f"{digits}e{exponent}")
        if rounded >= value * (1 - _ROUNDING):
            break
    return _bounded(rounded)


def _floor(value: float, spacing: float) -> float:
    """The multiple of ``spacing`` at or just below ``value``, forgiving rounding errors."""
    return _bounded(_multiple(math.floor(value / spacing + _ROUNDING), spacing))


def _multiples(limits: Limits, spacing: float) -> list[float]:
    first = math.ceil(limits.low / spacing - _ROUNDING)
    last = math.floor(limits.high / spacing + _ROUNDING)
    return [_bounded(_multiple(count, spacing)) for count in range(first, last + 1)]


def _multiple(count: int, spacing: float) -> float:
    """``count`` times ``spacing``, without the rounding error that makes 3 times 0.1 not 0.3."""
    product = float(count) * spacing
    return float(f"{product:.15g}") if math.isfinite(product) else product


def _bounded(value: float) -> float:
    return min(max(value, -_HUGE), _HUGE) + 0.0  # turns -0.0 into 0.0
