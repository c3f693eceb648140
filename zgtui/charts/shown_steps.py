"""Which steps the charts show: the whole run, its newest steps, or a window that was chosen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from zgtui.charts.axes import Limits
from zgtui.charts.words import whole
from zgtui.lazy_dataclass import dataclass

MIN_STEPS = 4.0
"""A window is at least so long."""
TAIL_SHARE, MIN_TAIL = 10, 20.0
"""At first the tail is a tenth of the run, or so many steps."""
TAIL_JUMPS = 10
"""The tail moves by a tenth of itself at a time: an axis that always moves cannot be read."""

ALMOST = 1 - 1e-9
"""What was zoomed in and out again is the whole run, also where rounding took a little away."""


@dataclass(frozen=True)
class ShownSteps:
    """``start`` and ``end`` are those of the window; the tail has their distance alone.

    Windows lie in ``run``, the steps from 0 to the end of the axis of the whole run.
    """

    kind: Literal["run", "tail", "window"] = "run"
    start: float = 0.0
    end: float = 0.0

    def limits(self, run: Limits, last: int) -> Limits:
        """The ends of the step axis where ``last`` is the newest step."""
        if self.kind == "run":
            return run
        if self.kind == "window":
            return Limits(self.start, self.end)
        width = self.end - self.start
        jump = width / TAIL_JUMPS
        high = max(width, math.ceil(last / jump) * jump)
        return Limits(high - width, high)

    def zoomed(self, factor: float, at: float, run: Limits, last: int) -> ShownSteps:
        """``factor`` times as many steps; ``at`` is the step that stays where it is."""
        now = self.limits(run, last)
        width = max(MIN_STEPS, (now.high - now.low) * factor)
        if width >= (run.high - run.low) * ALMOST:
            return ShownSteps()
        if self.kind == "tail":
            return replace(self, start=0.0, end=width)
        share = (at - now.low) / (now.high - now.low)
        return ShownSteps("window", at - share * width, at + (1 - share) * width).kept_in(run)

    def moved(self, share: float, run: Limits, last: int) -> ShownSteps:
        """Later by ``share`` of what is shown, earlier where it is below 0; not of a whole run."""
        if self.kind == "run":
            return self
        now = self.limits(run, last)
        by = share * (now.high - now.low)
        return ShownSteps("window", now.low + by, now.high + by).kept_in(run)

    def kept_in(self, run: Limits) -> ShownSteps:
        """Moved as far as it lies beyond ``run``; at least MIN_STEPS long."""
        width = min(max(MIN_STEPS, self.end - self.start), run.high - run.low)
        start = min(max(run.low, self.start), run.high - width)
        return replace(self, start=start, end=start + width)

    def follow(self, run: Limits, last: int) -> ShownSteps:
        """The tail, as long as the window was; from the tail, the whole run."""
        if self.kind == "tail":
            return ShownSteps()
        if self.kind == "window":
            return ShownSteps("tail", 0.0, self.end - self.start)
        width = min(run.high, max(MIN_TAIL, float(-(-last // TAIL_SHARE))))
        return ShownSteps("tail", 0.0, width)

    def words(self, axis: str = "step") -> str:
        """What is shown, in words; empty where that is the whole run."""
        if self.kind == "run":
            return ""
        if self.kind == "tail":
            return f"newest {whole(round(self.end - self.start))} {axis}s"
        return f"{axis}s {whole(round(self.start))} to {whole(round(self.end))}"
