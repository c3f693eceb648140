"""Losses smoothed for the eye: an exponential average over all of them, step by step.

The average of the first t finite losses x is m(t) = βm(t-1) + (1-β)x(t), divided by 1 - β^t: that
corrects the bias towards m(0) = 0 (Kingma and Ba, "Adam", ICLR 2015, section 3). Nothing but what
is drawn is made of it.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from zgtui.curves.exact import BLOCK
from zgtui.curves.history import LossHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

STRENGTHS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""β: the part of the average so far that the next loss leaves."""
CATCH_UP = 20_000
"""Losses smoothed in one go: some milliseconds."""


@runtime_checkable
class LossRow(Protocol):
    """Losses one after the other, by index from 0 on, each at a step."""

    @property
    def revision(self) -> int:
        """Changes whenever the losses do."""

    @property
    def length(self) -> int:
        """How many there are."""

    def slice(self, start: int, count: int) -> array[float] | None:
        """At most ``count`` losses from index ``start`` on; None where they are not kept."""

    def step_at(self, index: int) -> float:
        """The step of the loss at ``index``."""

    def index_of(self, step: float) -> int:
        """The index of the first loss at ``step`` or later."""


class SmoothedCurve:
    """The average of the losses of ``row``, as far as ``catch_up`` has come."""

    def __init__(self, row: LossRow, beta: float) -> None:
        self._row, self._beta = row, beta
        self._history = LossHistory()
        self._history.reread = self._again
        self._states: array[float] = array("d")
        self._state = (0.0, 0.0)
        self.kept = True
        """Whether every loss can be read; where not, nothing is smoothed."""

    @property
    def share(self) -> float:
        """How much of the losses is smoothed, from 0 to 1."""
        return min(1.0, self._history.steps / self._row.length) if self._row.length else 1.0

    def catch_up(self, limit: int = CATCH_UP) -> None:
        """Smooth the next losses, at most ``limit`` of them."""
        done = self._history.steps
        count = min(limit, self._row.length - done)
        losses = self._row.slice(done, count) if count > 0 else array("d")
        self.kept = losses is not None
        while losses:
            self._take(losses[: BLOCK - done % BLOCK])
            losses = losses[BLOCK - done % BLOCK :]
            done = self._history.steps

    def _take(self, losses: array[float]) -> None:
        """Losses of one block."""
        if not self._history.steps % BLOCK:
            self._states.extend(self._state)
        smoothed, self._state = _smooth(losses, self._beta, self._state)
        self._history.extend(smoothed)

    def _again(self, start: int, count: int) -> array[float]:
        block = start // BLOCK
        first = block * BLOCK
        losses = self._row.slice(first, start - first + count) or array("d")
        state = self._states[2 * block], self._states[2 * block + 1]
        return _smooth(losses, self._beta, state)[0][start - first :]

    # What a chart draws

    @property
    def revision(self) -> int:
        """Changes whenever there is something else to draw."""
        return self._row.revision + self._history.steps

    @property
    def steps(self) -> int:
        """The last step there is an average of; 0 where there is none."""
        count = min(self._history.steps, self._row.length)
        return math.ceil(self._row.step_at(count - 1)) if count else 0

    def points(
        self, columns: int, start: float, end: float
    ) -> tuple[Sequence[float], Sequence[float]]:
        """What to draw of the steps ``start`` to ``end`` on ``columns`` columns."""
        count = min(self._history.steps, self._row.length)
        first = 0 if start <= 1 else self._row.index_of(start)
        behind = self._row.index_of(math.nextafter(end, math.inf))
        if first >= min(count, behind):
            return [], []
        if behind >= count:
            # what is still to come has its share of the columns, so that these stand still
            span = self._row.step_at(count - 1) - start + 1
            behind = first + max(count - first, round((count - first) * (end - start + 1) / span))
        limit = min(count, behind)
        places, losses = self._history.points(columns, first + 1, behind)
        kept = sum(place <= limit for place in places)
        places, losses = places[:kept], losses[:kept]
        return [self._row.step_at(int(place) - 1) for place in places], losses

    def at(self, step: float) -> float | None:
        """The average at ``step``; None where there is none."""
        index = self._row.index_of(step)
        there = index < min(self._history.steps, self._row.length)
        there = there and self._row.step_at(index) == step
        return self._history.at(index + 1) if there else None

    def near(self, step: float, direction: int = 0) -> float | None:
        """Nothing is looked up here: what counts is the losses themselves."""
        del step, direction
        return None


def _smooth(
    losses: array[float], beta: float, state: tuple[float, float]
) -> tuple[array[float], tuple[float, float]]:
    """The averages after each loss, nan where that is no number; and where it goes on from."""
    average, weight = state
    smoothed = array("d")
    for loss in losses:
        if math.isfinite(loss):
            average = beta * average + (1 - beta) * loss
            weight = beta * weight + (1 - beta)
            smoothed.append(average / weight)
        else:
            smoothed.append(math.nan)
    return smoothed, (average, weight)
