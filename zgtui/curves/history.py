"""A run's losses at any length in bounded memory, ready to be drawn.

The whole history is a row of at most 2048 buckets. Each covers the same number of steps (a
power of two) and keeps the lowest and the highest finite loss of these with their exact steps.
When every bucket is full, neighbours are merged and the width doubles. Nothing is averaged: a
spike of a single step stays in the picture for ever. Beside it the newest losses are kept exactly,
and older ones are read again where a part of the run is looked at.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from zgtui.curves.exact import BlockIndex, Reread, extremes, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

BUCKETS = 2 * 1024
TAIL = 1024


class LossHistory:
    """The losses of one run, step by step from step 1, as they grow.

    Steps are counted from 1. ``first`` and ``last`` are the losses as they were, finite or not;
    ``low``, ``high`` and ``low_positive`` (the smallest above zero) look at finite losses only and
    are None while there is none. ``revision`` changes whenever the data does.

    Memory is about 100 kB, and 0.13 MB for each million steps; one ``extend`` of many losses costs
    well below 1 µs each.
    """

    def __init__(self) -> None:
        self.reread: Reread | None = None
        """Reads losses again, by index from 0 on; None where they are kept nowhere else."""
        self._blocks = BlockIndex()
        self.steps = 0
        self.revision = 0
        self.first: float | None = None
        self.last: float | None = None
        self.first_nonfinite: int | None = None
        self.low: float | None = None
        self.high: float | None = None
        self.low_positive: float | None = None
        self._width = 1
        # Two entries a bucket, in the order in which they occurred; NaN where nothing was finite.
        self._entry_steps: array[float] = array("d")
        self._entries: array[float] = array("d")
        self._tail: array[float] = array("d")

    def extend(self, values: array[float]) -> None:
        """Append the losses of the next steps, oldest first; they may be inf or nan."""
        if not values:
            return
        if self.first is None:
            self.first = values[0]
        self.last = values[-1]
        self._note_range(values)
        self._blocks.extend(values)
        self._tail.extend(values[-TAIL:])
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
        taken = 0
        while taken < len(values):
            taken += self._fill_bucket(values, taken)
        self.revision += 1

    def tail(self, count: int) -> list[float]:
        """The newest losses exactly, oldest first: ``count`` of them, at most TAIL."""
        kept = min(count, TAIL, len(self._tail))
        return self._tail[len(self._tail) - kept :].tolist()

    def points(self, columns: int, start: int, end: int) -> tuple[list[float], list[float]]:
        """What to draw of the steps ``start`` to ``end`` (inclusive) on ``columns`` columns.

        Returns steps (ascending) and losses, two lists of equal length: every loss where at most
        two steps share a column, else the lowest and the highest of each column, at their own
        steps and in the order in which they occurred. Non-finite losses are left out, and so is
        what lies beyond ``start`` or ``end``. The newest TAIL steps can be looked at exactly, an
        older part too where it can be reread; otherwise only as finely as its buckets, of which
        at most BUCKETS cover the history. The cost does not depend on the length of the history.
        """
        start = max(start, 1)
        span = end - start + 1
        if columns < 1 or span < 1:
            return [], []
        tail_start = self.steps - len(self._tail) + 1
        steps: Sequence[float]
        if self._width == 1:
            origin, width, share = 1, 1, 1
            steps, losses = range(1, self.steps + 1), self._entries[::2]
        elif start >= tail_start:
            origin, width, share = tail_start, 1, 1
            steps, losses = range(tail_start, self.steps + 1), self._tail
        elif self.reread is not None and (start > 1 or end < self.steps):
            return self._exact_points(self.reread, columns, start, end)
        else:
            origin, width, share = 1, self._width, 2
            steps, losses = self._entry_steps, self._entries
        if width == 1 and span <= 2 * columns:
            columns = span
        pairs: list[list[tuple[float, float]]] = []
        left = (start - origin) // width
        for column in range(columns):
            border = start + (column + 1) * span // columns
            right = -(-(border - origin) // width)
            part = slice(share * left, share * right)
            left = max(left, right)
            pair = extremes(steps[part], losses[part])
            if pair and not start <= pair[0][0] <= pair[1][0] <= end:
                # A bucket reaches beyond the limits: what lies there must not hide what does not.
                inside = [
                    entry
                    for entry in zip(steps[part], losses[part], strict=True)
                    if start <= entry[0] <= end
                ]
                pair = extremes([step for step, _ in inside], [loss for _, loss in inside])
            pairs.append(pair)
        return joined(pairs)

    def _exact_points(
        self, reread: Reread, columns: int, start: int, end: int
    ) -> tuple[list[float], list[float]]:
        span = end - start + 1
        columns = min(columns, span) if span > 2 * columns else span
        borders = [
            min(start - 1 + column * span // columns, self.steps) for column in range(columns + 1)
        ]
        places, losses = self._blocks.points(borders, reread)
        return [place + 1 for place in places], losses

    def between(self, borders: Sequence[int]) -> tuple[list[float], list[float]] | None:
        """The lowest and the highest of each column between ``borders``, indexes from 0 on.

        Returns their indexes and losses; None where the losses cannot be reread.
        """
        return None if self.reread is None else self._blocks.points(borders, self.reread)

    def at(self, step: float) -> float | None:
        """The loss of ``step`` exactly, finite or not; None where there is none, or it is gone."""
        if step != int(step) or not 1 <= step <= self.steps:
            return None
        index, tail_start = int(step) - 1, self.steps - len(self._tail)
        if index >= tail_start:
            return self._tail[index - tail_start]
        if self.reread is not None:
            found = self.reread(index, 1)
            return found[0] if found else None
        return self._entries[2 * index] if self._width == 1 else None

    @property
    def length(self) -> int:
        """How many losses there are."""
        return self.steps

    def slice(self, start: int, count: int) -> array[float] | None:
        """At most ``count`` losses from index ``start`` (0-based) on; None: they are not kept."""
        if start >= self.steps - len(self._tail):
            first = start - self.steps + len(self._tail)
            return self._tail[first : first + count]
        if self.reread is not None:
            return self.reread(start, count)
        return self._entries[2 * start : 2 * (start + count) : 2] if self._width == 1 else None

    def step_at(self, index: int) -> float:
        """The step of the loss at ``index``."""
        return float(index + 1)

    def index_of(self, step: float) -> int:
        """The index of the first loss at ``step`` or later."""
        return min(max(0, math.ceil(step) - 1), self.steps)

    def near(self, step: float, direction: int = 0) -> float | None:
        """The step nearest to ``step``, or next to it in ``direction`` (1 or -1); None: no steps.

        At the ends it stays where it is.
        """
        if not self.steps:
            return None
        wanted = round(step) if not direction else math.floor(step * direction) * direction
        return float(min(max(wanted + direction, 1), self.steps))

    def _fill_bucket(self, values: array[float], taken: int) -> int:
        """Put what fits of ``values[taken:]`` into the newest bucket; return how many that were."""
        filled = self.steps % self._width
        if not filled and len(self._entries) == 2 * BUCKETS:
            self._halve()
        part = values[taken : taken + self._width - filled]
        pair = extremes(range(self.steps + 1, self.steps + len(part) + 1), part)
        entries = pair or [(self.steps + 1, math.nan)] * 2
        if filled:
            older = [
                (self._entry_steps.pop(), self._entries.pop()),
                (self._entry_steps.pop(), self._entries.pop()),
            ]
            entries = _merged(older[::-1] + entries)
        for step, loss in entries:
            self._entry_steps.append(step)
            self._entries.append(loss)
        self.steps += len(part)
        return len(part)

    def _halve(self) -> None:
        steps, losses = self._entry_steps, self._entries
        self._entry_steps, self._entries = array("d"), array("d")
        for at in range(0, len(losses), 4):
            for step, loss in _merged(
                list(zip(steps[at : at + 4], losses[at : at + 4], strict=True))
            ):
                self._entry_steps.append(step)
                self._entries.append(loss)
        self._width *= 2

    def _note_range(self, values: array[float]) -> None:
        finite: Sequence[float] = values
        if not math.isfinite(sum(values)):
            finite = [value for value in values if math.isfinite(value)]
            if len(finite) < len(values) and self.first_nonfinite is None:
                bad = next(at for at, value in enumerate(values) if not math.isfinite(value))
                self.first_nonfinite = self.steps + bad + 1
        if not finite:
            return
        low, high = min(finite), max(finite)
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        if high > 0:
            positive = low if low > 0 else min(value for value in finite if value > 0)
            known = self.low_positive
            self.low_positive = positive if known is None else min(known, positive)


def _merged(entries: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The two entries of one bucket made of the four of two."""
    steps, losses = [step for step, _ in entries], [loss for _, loss in entries]
    return extremes(steps, losses) or [(steps[0], math.nan)] * 2
