"""What a loss curve is doing, derived from its numbers alone.

Five states, looked for in this order:

diverged    the newest loss is inf or nan, and so are all since the step that is named. Weights that
            are not numbers never recover; a single batch, or a gap in a table, may be left behind.
converged   the newest losses lie within one band of 1e-6 of the first loss, for at least 10 steps
            and at least a tenth of the steps before (a slow decline crosses such a band again and
            again, so that its quiet stretch stays short beside the run behind it).
growing     over the newest 64 or 256 steps the envelope at least doubles from half to half, rises
            in each quarter by a fifth or more (one spike does not), and the newest quarter stands
            at twice the first loss or more.
oscillating  only where the loss is a deterministic function of the weights (full batch): the
            newest 128 steps (512 for slow oscillations, all of a shorter run) cross their mid level
            upwards at least five times, and from half to half neither level nor strength changes.
training    everything else.

Strength is the standard deviation of a half, not its maximum: an oscillation is sampled once a
step, and where its period lies near a whole number of steps the sampled maxima drift slowly up and
down, while the deviation stays. Damping by less than about a thousandth per step passes unseen.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

State = Literal["training", "converged", "oscillating", "growing", "diverged"]

BAND = 1e-6
"""Height of the band that losses at rest stay in, as a share of the first loss."""
QUIET_STEPS = 10
QUIET_SHARE = 10
GROWTH_WINDOWS = (64, 256)
GROWTH_STEPS = 8
OSCILLATION_WINDOWS = (128, 512)
OSCILLATION_CROSSINGS = 5
WINDOW = 512


@dataclass(frozen=True)
class Trend:
    """What the curve is doing now.

    ``since`` is the first step of it (converged, diverged), ``period`` that of the oscillation in
    steps (oscillating), ``growth`` the factor per step (growing); None elsewhere. An oscillation
    faster than two steps shows as the slower one that has the same samples.
    """

    state: State
    since: int | None = None
    period: float | None = None
    growth: float | None = None

    @property
    def words(self) -> str:
        """The trend in a few words; empty while there is nothing to remark."""
        if self.state in {"diverged", "converged"}:
            return f"{self.state} at step {self.since}"
        if self.state == "oscillating":
            known = self.period is not None
            return f"oscillates every {self.period:.1f} steps" if known else "oscillating"
        if self.state == "growing":
            factor = "" if self.growth is None else f" ×{self.growth:.3g} a step"
            return f"growing{factor}"
        return ""


class TrendTracker:
    """Follows one run's losses, step by step from step 1, in bounded memory."""

    def __init__(self) -> None:
        self.steps = 0
        self._first: float | None = None
        self._scale = 0.0
        self._recent: array[float] = array("d")
        self._diverged: int | None = None
        self.first_diverged: int | None = None
        """The first step whose loss was inf or nan, left behind or not."""
        # The longest stretch up to the newest step that fits into the band, and what it spans.
        self._quiet_since = 1
        self._low = math.inf
        self._high = -math.inf

    def extend(self, values: array[float]) -> None:
        """Append the losses of the next steps, oldest first; they may be inf or nan."""
        if not values:
            return
        if self._diverged is None and math.isfinite(sum(values)):
            self._follow(values)
            return
        for finite, stretch in groupby(values, math.isfinite):
            part = array("d", stretch)
            if finite:
                self._recover()
                self._follow(part)
            else:
                self._diverged = self._diverged or self.steps + 1
                self.first_diverged = self.first_diverged or self._diverged
                self.steps += len(part)

    def _recover(self) -> None:
        """Start over after losses that were not numbers."""
        if self._diverged is not None:
            self._diverged = None
            self._recent = array("d")
            self._quiet_since, self._low, self._high = self.steps + 1, math.inf, -math.inf

    def _follow(self, values: array[float]) -> None:
        """Take in finite losses."""
        if self._first is None:
            self._first = values[0]
        if not self._scale:
            self._scale = next((abs(value) for value in values if value), 0.0)
        self.steps += len(values)
        self._recent.extend(values)
        self._follow_band(values)
        if len(self._recent) > 2 * WINDOW:
            del self._recent[:-WINDOW]

    def trend(self, *, full_batch: bool) -> Trend:
        """What the curve is doing now; ``full_batch``: every step sees the same data."""
        if self._diverged is not None:
            return Trend("diverged", since=self._diverged)
        quiet = self.steps - self._quiet_since + 1
        if quiet >= max(QUIET_STEPS, (self._quiet_since - 1) / QUIET_SHARE):
            return Trend("converged", since=self._quiet_since)
        for window in _windows(self._recent, GROWTH_WINDOWS):
            factor = _growth(window, abs(self._first or 0.0))
            if factor is not None:
                return Trend("growing", growth=factor)
        if full_batch:
            for window in _windows(self._recent, OSCILLATION_WINDOWS):
                crossings = _upward_crossings(window)
                if len(crossings) >= OSCILLATION_CROSSINGS:
                    if _sustained(window, crossings):
                        span = crossings[-1] - crossings[0]
                        return Trend("oscillating", period=span / (len(crossings) - 1))
                    break
        return Trend("training")

    def _follow_band(self, values: array[float]) -> None:
        band = BAND * self._scale
        lowest, highest = min(values), max(values)
        low, high = min(self._low, lowest), max(self._high, highest)
        if high - low <= band:
            self._low, self._high = low, high
            return
        # Left the band: the stretch that fits it now is found backwards from the newest loss.
        low = high = self._recent[-1]
        length = 0
        for value in reversed(self._recent):
            if max(high, value) - min(low, value) > band:
                break
            low, high = min(low, value), max(high, value)
            length += 1
        self._low, self._high = low, high
        self._quiet_since = self.steps - length + 1


def _windows(recent: array[float], lengths: Sequence[int]) -> list[array[float]]:
    """The newest losses in each of ``lengths``; only once those that a short run cannot fill."""
    known = {min(length, len(recent)) for length in lengths}
    return [recent[len(recent) - length :] for length in sorted(known)]


def _growth(window: array[float], first: float) -> float | None:
    """The factor per step by which the envelope grows; None where it does not."""
    if len(window) < GROWTH_STEPS:
        return None
    size = len(window) // 4
    window = window[len(window) - 4 * size :]
    peaks = [max(window[at : at + size]) for at in range(0, 4 * size, size)]
    rising = all(after >= 1.2 * before for before, after in pairwise(peaks))
    if not (rising and peaks[0] > 0 and peaks[3] >= 2 * peaks[1] and peaks[3] >= 2 * first):
        return None
    distance = window.index(peaks[3], 3 * size) - window.index(peaks[1], size)
    return math.exp((math.log(peaks[3]) - math.log(peaks[1])) / distance)


def _upward_crossings(window: array[float]) -> list[float]:
    """Where the window rises through its mid level, in steps, interpolated between two losses."""
    if not window:
        return []
    level = min(window) / 2 + max(window) / 2
    return [
        at + (level - before) / (after - before)
        for at, (before, after) in enumerate(pairwise(window))
        if before < level <= after
    ]


def _sustained(window: array[float], crossings: Sequence[float]) -> bool:
    """Whether level and strength stay the same from one half of the window to the other.

    Both halves hold the same whole number of periods, cut at upward crossings.
    """
    periods = (len(crossings) - 1) // 2
    start, middle, end = (math.ceil(crossings[at]) for at in (-1 - 2 * periods, -1 - periods, -1))
    scale = max(map(abs, window))
    halves = [
        [value / scale for value in half] for half in (window[start:middle], window[middle:end])
    ]
    levels = [fmean(half) for half in halves]
    weak, strong = sorted(
        math.sqrt(fmean([(value - level) ** 2 for value in half]))
        for half, level in zip(halves, levels, strict=True)
    )
    # A cut falls between two steps: the fewer the steps, the less alike are equal halves.
    tolerance = 0.03 + 1 / (middle - start)
    drift = abs(levels[1] - levels[0])
    return weak >= (1 - tolerance) * strong and drift <= 2 * tolerance * strong
