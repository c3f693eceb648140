"""The loss axis that charts have in common, and how far it reaches.

Charts side by side are compared by eye, so they share their limits. A spike of a few points between
far lower ones does not flatten the rest: it is cut off, and the chart marks where.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import NamedTuple

from zgtui.charts import axes
from zgtui.charts.plot import Line

MIN_SHARE = 1e-3
"""How far below every measured loss a logarithmic axis follows a prediction."""
SPIKE_SHARE = 0.03
"""A spike is cut off only where so few of the points drawn belong to it, or four of them."""
RISEN = 100.0
"""A loss that is so many times the first one came far up."""
FLATTENED = 4.0
"""It is cut off where the axis would reach this many times as far because of it."""
FLAT = 0.1
"""A curve is flattened that reaches over a smaller part of the powers of ten of its axis."""
FINEST_ZOOM = 1e-9
"""Floats are too coarse for an axis that is shorter, beside how far from zero it lies."""


class Range(NamedTuple):
    """The lowest and the highest loss that an axis is to show."""

    low: float
    high: float


class LossScale:
    """One loss axis for the charts that ``fit`` it, each under a key of its own."""

    def __init__(self) -> None:
        self.limits: axes.Limits | None = None
        """As they were fitted last: they hold still as long as they fit."""
        self.chosen: axes.Limits | None = None
        """Chosen by hand, in the place of what fits."""
        self.diverged = False
        """Whether what is on it came so far up that only exponents show all of it."""
        self._ranges: dict[Hashable, Range] = {}
        self._log = False

    def fit(self, key: Hashable, wanted: Range, *, log: bool) -> axes.Limits:
        """The limits around what every chart wants to show, now that ``key`` wants ``wanted``.

        They are exponents of ten where ``log``: exponents and losses share no limits.
        """
        if log != self._log:
            self._log, self.limits, self.chosen = log, None, None
            self._ranges.clear()
        self._ranges[key] = wanted
        if self.chosen is not None:
            self.limits = self.chosen
            return self.limits
        low = min(one.low for one in self._ranges.values())
        high = max(one.high for one in self._ranges.values())
        if log:
            most = axes.DIVERGED_DECADES if self.diverged else axes.DECADES
            self.limits = axes.fit_decades(low, high, self.limits, most=most)
        else:
            self.limits = axes.fit_losses(low, high, self.limits)
        return self.limits

    def zoom(self, factor: float, at: float = 0.5) -> None:
        """``factor`` times as far; what lies ``at`` this share of the axis stays there."""
        if self.limits is None:
            return
        low, high = self.limits.low, self.limits.high
        middle = low * (1 - at) + high * at
        self._choose(middle + (low - middle) * factor, middle + (high - middle) * factor)

    def move(self, share: float) -> None:
        """Up by ``share`` of itself, down where it is below 0."""
        if self.limits is not None:
            low, high = self.limits.low, self.limits.high
            by = share * (high - low)
            self._choose(low + by, high + by)

    def refit(self) -> None:
        """What fits, again."""
        self.chosen = self.limits = None

    def _choose(self, low: float, high: float) -> None:
        finite = math.isfinite(low) and math.isfinite(high) and math.isfinite(high - low)
        if finite and high - low > max(abs(low), abs(high)) * FINEST_ZOOM:
            self.chosen = self.limits = axes.Limits(low, high)

    def leave(self, key: Hashable) -> None:
        """The chart ``key`` has other curves, or none: fit anew without what it had."""
        if self._ranges.pop(key, None) is not None:
            self.limits = None


def wanted_range(lines: Sequence[Line], *, log: bool, everything: bool = False) -> Range | None:
    """What an axis for ``lines`` should show; None where nothing has a place on it.

    Spikes are left out of a linear axis unless ``everything`` is wanted.
    """
    losses = [loss for line in lines for loss in _placed(line.losses, log=log)]
    if not losses:
        return None
    if log:
        # A prediction has no rounding and falls for ever: it must not press the rest flat.
        measured = [loss for line in lines if not line.dotted for loss in line.losses]
        lowest = min([loss for loss in measured if loss > 0], default=max(losses)) * MIN_SHARE
        losses = [loss for loss in losses if loss >= lowest]
        return Range(min(losses), max(losses))
    if everything:
        return Range(min(losses), max(losses))
    parts = [
        _without_spikes(_placed(line.losses, log=log)) if not line.dotted else line.losses
        for line in lines
    ]
    kept = [loss for part in parts for loss in part if math.isfinite(loss)]
    return Range(min(kept), max(kept))


def has_risen(lines: Sequence[Line]) -> bool:
    """Whether a measured curve of ``lines``, never negative, came far above its first loss."""
    for line in lines:
        losses = [loss for loss in line.losses if math.isfinite(loss)]
        comparable = not line.dotted and losses and losses[0] > 0 <= min(losses)
        if comparable and max(losses) / RISEN > losses[0]:
            return True
    return False


def decades(lines: Sequence[Line]) -> float:
    """Over how many powers of ten the measured losses above zero of ``lines`` reach."""
    found = [loss for line in lines if not line.dotted for loss in _placed(line.losses, log=True)]
    return math.log10(max(found)) - math.log10(min(found)) if found else 0.0


def _placed(losses: Sequence[float], *, log: bool) -> list[float]:
    return [loss for loss in losses if math.isfinite(loss) and (loss > 0 or not log)]


def _without_spikes(losses: list[float]) -> list[float]:
    upright = _without_peaks(losses)
    if min(upright, default=0.0) >= 0:  # the axis starts at zero in any case
        return upright
    return [-loss for loss in _without_peaks([-loss for loss in upright])]


def _without_peaks(losses: list[float]) -> list[float]:
    """``losses`` without the few far above all others, where lower ones come before and after.

    A curve that falls from its start, or rises to its end, keeps all of it.
    """
    few = max(4, int(SPIKE_SHARE * len(losses)))
    if len(losses) <= 4 * few:
        return losses
    # halves: the distance of two floats may itself be too large for one
    low, usual = min(0.0, *losses) / 2, sorted(losses)[-few - 1] / 2
    if max(losses) / 2 - low <= FLATTENED * (usual - low):
        return losses
    cut = 2 * low + FLATTENED * (usual - low)
    pieces = [(above, list(part)) for above, part in groupby(losses, lambda loss: loss > cut)]
    last = len(pieces) - 1
    kept = [
        loss for at, (above, part) in enumerate(pieces) if not above or at in {0, last}
        for loss in part
    ]  # fmt: skip
    before, after = max(losses) / 2 - low, max(kept) / 2 - low
    return kept if before > FLATTENED * after else losses
