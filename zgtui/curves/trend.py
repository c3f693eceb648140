"""What a loss curve is doing, derived from its numbers alone.

Six states, looked for in this order:

diverged    the newest loss is inf or nan, and so are all since the step that is named. Weights that
            are not numbers never recover; a single batch, or a gap in a table, may be left behind.
converged   the newest losses lie within one band of 1e-6 of the first loss, for at least 10 steps
            and at least a tenth of the steps before (a slow decline crosses such a band again and
            again, so that its quiet stretch stays short beside the run behind it), and they came
            down to it: by a tenth of the first loss or more.
stuck       the same without having come down.
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

A state that was found once is left only for a reason: growth as soon as the newest losses are below
twice the first, an oscillation as soon as its strength or level is another. Both are looked for at
steps that are the same for every reader, however the losses arrive.
"""

from __future__ import annotations

import math
from array import array
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

TrendState = Literal["training", "converged", "stuck", "oscillating", "growing", "diverged"]

BAND = 1e-6
"""Height of the band that losses at rest stay in, as a share of the first loss."""
QUIET_STEPS = 10
QUIET_SHARE = 10
FALL = 0.1
"""A loss at rest has converged where it came down by so much of the first loss."""
GROWTH_WINDOWS = (64, 256)
GROWTH_STEPS = 8
GROWN = 2.0
OSCILLATION_WINDOWS = (128, 512)
OSCILLATION_CROSSINGS = 5
WINDOW = 512
EVEN = 0.65
"""The weaker half of what goes on has this share of the strength of the other, or more."""
UNSTEADY = 0.25
"""Quarters of a growth whose rates differ by more from the whole have no factor in common."""
IRREGULAR = 0.08
"""Two halves of an oscillation whose periods differ by more have none in common."""
LOOKS = 32
"""A curve is looked at at each of the first 2 · LOOKS steps, then LOOKS times while it doubles."""
KEPT_STRENGTH = (0.9, 1.12)
"""Between these shares of what it was an oscillation goes on; beyond them it has changed."""


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value, as exact as `statistics.fmean`, whose import takes longer."""
    return math.fsum(values) / len(values)


@dataclass(frozen=True)
class Trend:
    """What the curve is doing now.

    ``since`` is the first step of it (converged, stuck, diverged), ``period`` that of the
    oscillation in steps (oscillating), ``growth`` the factor per step (growing, None where it stays
    high without growing on); None elsewhere. An oscillation faster than two steps shows as the
    slower one that has the same samples.
    """

    state: TrendState
    since: int | None = None
    period: float | None = None
    growth: float | None = None

    @property
    def words(self) -> str:
        """The trend in a few words; empty while there is nothing to remark."""
        if self.state == "stuck":
            return f"stuck since step {self.since}"
        if self.state in {"diverged", "converged"}:
            return f"{self.state} at step {self.since}"
        if self.state == "oscillating":
            known = self.period is not None
            return f"oscillates every {self.period:.1f} steps" if known else "oscillating"
        if self.state == "growing":
            known = self.growth is not None
            return f"growing ×{self.growth:.3g} per step" if known else "far above its first loss"
        return ""


TRAINING = Trend("training")


@dataclass(frozen=True)
class _Oscillation:
    """An oscillation when it was seen last: its level and its strength.

    ``period`` is in steps, None where it has no regular one.
    """

    period: float | None
    level: float
    strength: float


class TrendTracker:
    """Follows one run's losses, step by step from step 1, in bounded memory."""

    def __init__(self) -> None:
        self.steps = 0
        self._first: float | None = None
        self._scale = 0.0
        self._newest = 0.0
        self._recent: array[float] = array("d")
        self._diverged: int | None = None
        self.first_diverged: int | None = None
        """The first step whose loss was inf or nan, left behind or not."""
        # The longest stretch up to the newest step that fits into the band, and what it spans.
        self._quiet_since = 1
        self._low = math.inf
        self._high = -math.inf
        self._began = 1
        self._rested = False
        self._growing: Trend | None = None
        self._oscillation: _Oscillation | None = None

    def restart(self) -> None:
        """The run is set otherwise from the next loss on: how it moved before says nothing."""
        self._rested = self._rests and self._resting.state == "converged"
        self._began = self.steps + 1
        quiet = self._quiet_since, self._low, self._high
        self._forget()
        if self._rested:
            self._quiet_since, self._low, self._high = quiet

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
                if self._diverged is not None:
                    self._diverged = None
                    self._forget()
                self._follow(part)
            else:
                self._diverged = self._diverged or self.steps + 1
                self.first_diverged = self.first_diverged or self._diverged
                self.steps += len(part)

    def _forget(self) -> None:
        """Start over with the next loss."""
        self._recent = array("d")
        self._quiet_since, self._low, self._high = self.steps + 1, math.inf, -math.inf
        self._growing = self._oscillation = None

    def _follow(self, values: array[float]) -> None:
        """Take in finite losses, looking at them where it is time to."""
        if self._first is None:
            self._first = values[0]
        if not self._scale:
            self._scale = next((abs(value) for value in values if value), 0.0)
        taken = 0
        while taken < len(values):
            end = taken + min(len(values) - taken, self._next_look - self.steps)
            self._take(values[taken:end])
            taken = end

    @property
    def _next_look(self) -> int:
        """The next step to look at, counted from where the run was set as it is now."""
        done = self.steps - self._began + 1
        every = 1 << (done // (2 * LOOKS)).bit_length()
        return self._began - 1 + (done // every + 1) * every

    def _take(self, values: array[float]) -> None:
        looking = self.steps + len(values) == self._next_look
        self.steps += len(values)
        self._newest = values[-1]
        self._recent.extend(values)
        self._follow_band(values)
        if len(self._recent) > 2 * WINDOW:
            del self._recent[:-WINDOW]
        if looking:
            self._look_for_growth()
            self._look_for_oscillation()

    @property
    def _rests(self) -> bool:
        quiet = self.steps - self._quiet_since + 1
        before = self._quiet_since - self._began
        return quiet >= max(QUIET_STEPS, before / QUIET_SHARE)

    @property
    def _resting(self) -> Trend:
        """A run that moved neither before nor after it was set otherwise did not come to rest."""
        first, level = self._first or 0.0, self._newest
        moved = self._quiet_since > self._began or self._began == 1 or self._rested
        fell = first - level >= FALL * abs(first)
        return Trend("converged" if fell and moved else "stuck", since=self._quiet_since)

    def trend(self, *, full_batch: bool) -> Trend:
        """What the curve is doing now; ``full_batch``: every step sees the same data."""
        if self._diverged is not None:
            return Trend("diverged", since=self._diverged)
        if self._rests:
            return self._resting
        if self._growing is not None and (self._growing.growth is not None or self._stays_high):
            return self._growing
        if full_batch and self._oscillation is not None:
            return Trend("oscillating", period=self._oscillation.period)
        return TRAINING

    def _look_for_growth(self) -> None:
        first = abs(self._first or 0.0)
        factors = (_growth(window, first) for window in _windows(self._recent, GROWTH_WINDOWS))
        found = [one for one in factors if one is not None]
        if found:
            self._growing = Trend("growing", growth=next(filter(None, found), None))
        elif self._growing is not None:
            self._growing = Trend("growing") if self._stays_high else None

    @property
    def _stays_high(self) -> bool:
        high = max(self._recent[-2 * GROWTH_STEPS :], default=0.0)
        return high >= GROWN * abs(self._first or 0.0)

    def _look_for_oscillation(self) -> None:
        for window in _windows(self._recent, OSCILLATION_WINDOWS):
            crossings = _upward_crossings(window)
            if len(crossings) >= OSCILLATION_CROSSINGS:
                if _is_even(window) and _sustained(window, crossings):
                    self._oscillation = _Oscillation(
                        _period(crossings), *_level_and_strength(window)
                    )
                    return
                break
        if self._oscillation is not None and not self._goes_on(self._oscillation):
            self._oscillation = None

    def _goes_on(self, oscillation: _Oscillation) -> bool:
        window = self._recent[-OSCILLATION_WINDOWS[0] :]
        level, strength = _level_and_strength(window)
        low, high = KEPT_STRENGTH
        alike = low * oscillation.strength <= strength <= high * oscillation.strength
        return (
            alike
            and _is_even(window)
            and abs(level - oscillation.level) <= (high - 1) * oscillation.strength
        )

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


def _level_and_strength(window: array[float]) -> tuple[float, float]:
    """Mean and standard deviation of finite losses, of any size."""
    scale = max(map(abs, window)) or 1.0
    scaled = [value / scale for value in window]
    level = mean(scaled)
    return scale * level, scale * math.sqrt(mean([(value - level) ** 2 for value in scaled]))


def _is_even(window: array[float]) -> bool:
    """Whether both halves oscillate about equally strongly."""
    middle = len(window) // 2
    strengths = [_level_and_strength(half)[1] for half in (window[:middle], window[middle:])]
    return min(strengths) >= EVEN * max(strengths)


def _period(crossings: Sequence[float]) -> float | None:
    """The mean distance of ``crossings``, where it is the same in both halves."""
    middle = len(crossings) // 2
    early = (crossings[middle] - crossings[0]) / middle
    late = (crossings[-1] - crossings[middle]) / (len(crossings) - 1 - middle)
    regular = abs(late - early) <= IRREGULAR * max(early, late)
    return (crossings[-1] - crossings[0]) / (len(crossings) - 1) if regular else None


def _growth(window: array[float], first: float) -> float | None:
    """The factor per step by which the envelope grows; None where it does not.

    0 where it grows, but not by one factor: by another in its later part than in its earlier one.
    """
    if len(window) < GROWTH_STEPS:
        return None
    size = len(window) // 4
    window = window[len(window) - 4 * size :]
    peaks = [max(window[at : at + size]) for at in range(0, 4 * size, size)]
    rising = all(after >= 1.2 * before for before, after in pairwise(peaks))
    if not (rising and peaks[0] > 0 and peaks[3] >= 2 * peaks[1] and peaks[3] >= 2 * first):
        return None
    if max(window[-max(2, size // 2) :]) < peaks[3] / 4:
        return None  # it has turned
    at = [window.index(peak, part * size) for part, peak in enumerate(peaks)]
    rates = [
        math.log(peaks[part + 1] / peaks[part]) / (at[part + 1] - at[part]) for part in range(3)
    ]
    rate = math.log(peaks[3] / peaks[1]) / (at[3] - at[1])
    steady = all(abs(one - rate) <= UNSTEADY * rate for one in rates)
    return math.exp(rate) if steady else 0.0


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
    levels = [mean(half) for half in halves]
    weak, strong = sorted(
        math.sqrt(mean([(value - level) ** 2 for value in half]))
        for half, level in zip(halves, levels, strict=True)
    )
    # A cut falls between two steps: the fewer the steps, the less alike are equal halves.
    tolerance = 0.03 + 1 / (middle - start)
    drift = abs(levels[1] - levels[0])
    return weak >= (1 - tolerance) * strong and drift <= 2 * tolerance * strong
