"""The losses of one curve less those of another, step by step."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Protocol

from zgtui.curves.arrange import TrackUpTo
from zgtui.curves.history import LossHistory
from zgtui.curves.trace import Trace, Track

if TYPE_CHECKING:
    from zgtui.curves.smoothing import LossRow

CATCH_UP = 20_000
"""Differences made in one go: some milliseconds."""


class CurveDifference(Protocol):
    """``source`` is what a chart draws of it, as far as ``catch_up`` has come."""

    kept: bool
    """Whether every loss can be read; where not, there is no difference."""

    @property
    def source(self) -> LossHistory | TrackUpTo:
        """What is drawn."""

    def catch_up(self, limit: int = CATCH_UP) -> None:
        """Take in the next losses, at most ``limit`` of each."""


def difference_of(a: LossRow, b: LossRow) -> CurveDifference:
    """``a`` less ``b`` at each step that both have."""
    if isinstance(a, LossHistory) and isinstance(b, LossHistory):
        return _StepByStep(a, b)
    return _Joined(a, b)


class _StepByStep:
    """Of histories with a loss at each step: at any length, as they are."""

    def __init__(self, a: LossHistory, b: LossHistory) -> None:
        self.kept = True
        self.source = LossHistory()
        self.source.reread = self._again
        self._a, self._b = a, b

    def catch_up(self, limit: int = CATCH_UP) -> None:
        done = self.source.steps
        count = min(limit, min(self._a.steps, self._b.steps) - done)
        if count > 0:
            self.source.extend(self._again(done, count))

    def _again(self, start: int, count: int) -> array[float]:
        a, b = self._a.slice(start, count), self._b.slice(start, count)
        self.kept = self.kept and a is not None and b is not None
        return _less(a or array("d"), b or array("d"))


class _Joined:
    """Of curves that need not have the same steps."""

    def __init__(self, a: LossRow, b: LossRow) -> None:
        self.kept = True
        self._a, self._b = a, b
        self._at_a = self._at_b = 0
        self._trace = Trace()
        self.source = TrackUpTo(None, Track("difference", self._trace))

    def catch_up(self, limit: int = CATCH_UP) -> None:
        """Take in what is new, and hide what lies beyond the end of either curve."""
        steps, losses = array("d"), array("d")
        a, b = self._a.slice(self._at_a, limit), self._b.slice(self._at_b, limit)
        self.kept = a is not None and b is not None
        if a is None or b is None:
            return
        from_a, from_b = self._at_a, self._at_b
        while self._at_a - from_a < len(a) and self._at_b - from_b < len(b):
            step_a, step_b = self._a.step_at(self._at_a), self._b.step_at(self._at_b)
            if step_a == step_b:
                steps.append(step_a)
                losses.append(a[self._at_a - from_a] - b[self._at_b - from_b])
            self._at_a += step_a <= step_b
            self._at_b += step_b <= step_a
        self._trace.extend(steps, losses)
        ends = [
            row.step_at(row.length - 1) if row.length else -math.inf for row in (self._a, self._b)
        ]
        self.source.limit = min(ends)


def _less(a: array[float], b: array[float]) -> array[float]:
    return array("d", (one - other for one, other in zip(a, b, strict=False)))
