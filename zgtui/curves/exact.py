"""Any part of a long row of losses, drawn exactly at a cost that its length does not change.

The losses themselves stay where they are written, in the run's log for example. Kept in memory is
the lowest and the highest of each BLOCK of them, with their places: 32 bytes a block. What lies at
the borders of a column is read again.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLOCK = 256
READ_AT_ONCE = 1 << 14
"""So many losses are read in one go and looked at one by one."""

Reread = Callable[[int, int], "array[float]"]
"""``reread(start, count)``: at most ``count`` losses again, from index ``start`` (0-based) on."""


class BlockIndex:
    """The lowest and the highest finite loss of each whole block of losses, which only grow."""

    def __init__(self) -> None:
        self._places: array[float] = array("d")
        self._losses: array[float] = array("d")
        self._waiting: array[float] = array("d")

    def extend(self, values: array[float]) -> None:
        """Take in the next losses, oldest first."""
        self._waiting.extend(values)
        whole = len(self._waiting) // BLOCK * BLOCK
        first = len(self._places) // 2 * BLOCK
        for at in range(0, whole, BLOCK):
            part = self._waiting[at : at + BLOCK]
            places = range(first + at, first + at + BLOCK)
            for place, loss in extremes(places, part) or [(places[0], math.nan)] * 2:
                self._places.append(place)
                self._losses.append(loss)
        del self._waiting[:whole]

    def points(self, borders: Sequence[int], reread: Reread) -> tuple[list[float], list[float]]:
        """What to draw of the columns between ``borders``, ascending indexes (0-based).

        Returns indexes, ascending, and their losses: the lowest and the highest finite loss of
        each column, in the order in which they occurred.
        """
        if borders[-1] - borders[0] <= READ_AT_ONCE:
            losses = reread(borders[0], borders[-1] - borders[0])
            look = _Look(losses, borders[0])
            return joined(look(left, right) for left, right in pairwise(borders))
        edges = _Edges(reread)
        return joined(self._extremes(left, right, edges) for left, right in pairwise(borders))

    def _extremes(self, left: int, right: int, edges: _Edges) -> list[tuple[float, float]]:
        first = -(-left // BLOCK)
        last = min(right // BLOCK, len(self._places) // 2)
        if last <= first:
            return edges(left, right)
        whole = slice(2 * first, 2 * last)
        parts = [
            *edges(left, first * BLOCK),
            *extremes(self._places[whole], self._losses[whole]),
            *edges(last * BLOCK, right),
        ]
        return extremes([place for place, _ in parts], [loss for _, loss in parts])


class _Look:
    """The extremes of parts of ``losses``, which begin at index ``start``."""

    def __init__(self, losses: array[float], start: int) -> None:
        self._losses, self._start = losses, start

    def __call__(self, left: int, right: int) -> list[tuple[float, float]]:
        part = self._losses[left - self._start : right - self._start]
        return extremes(range(left, left + len(part)), part)


class _Edges:
    """The same of parts that are read when they are asked for: two columns share a block."""

    def __init__(self, reread: Reread) -> None:
        self._reread = reread
        self._start, self._losses = 0, array("d")

    def __call__(self, left: int, right: int) -> list[tuple[float, float]]:
        if left >= right:
            return []
        if not self._start <= left <= right <= self._start + len(self._losses):
            self._start = left // BLOCK * BLOCK
            end = -(-right // BLOCK) * BLOCK
            self._losses = self._reread(self._start, end - self._start)
        return _Look(self._losses, self._start)(left, right)


def extremes(steps: Sequence[float], losses: Sequence[float]) -> list[tuple[float, float]]:
    """The lowest and the highest finite loss with their steps, in order; empty if none is."""
    # A finite sum proves every loss finite; the rare other case is looked at one by one.
    if not math.isfinite(sum(losses)):
        kept = [at for at, loss in enumerate(losses) if math.isfinite(loss)]
        steps, losses = [steps[at] for at in kept], [losses[at] for at in kept]
    if not losses:
        return []
    low, high = losses.index(min(losses)), losses.index(max(losses))
    early, late = (low, high) if low < high else (high, low)
    return [(steps[early], losses[early]), (steps[late], losses[late])]


def joined(pairs: Iterable[Sequence[tuple[float, float]]]) -> tuple[list[float], list[float]]:
    """The steps and the losses of all ``pairs`` in order; two equal points of a pair are one."""
    points = [point for pair in pairs for point in dict.fromkeys(pair)]
    return [step for step, _ in points], [loss for _, loss in points]
