"""Which of a row of losses belongs to which step, where not every step has one.

The steps themselves stay in the run's log; kept in memory is the first of each block of them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from zgtui.curves.exact import BLOCK

if TYPE_CHECKING:
    from collections.abc import Sequence

RereadSteps = Callable[[int, int], "Sequence[int]"]
"""``reread(start, count)``: at most ``count`` steps again, from index ``start`` (0-based) on."""


class StepPlaces:
    """The steps of losses, ascending, which only grow; ``reread`` reads them again."""

    def __init__(self, reread: RereadSteps) -> None:
        self.count = 0
        self._reread = reread
        self._first: array[float] = array("d")
        self._block, self._steps = -1, array("q")

    def extend(self, steps: Sequence[float]) -> None:
        """Take in the steps of the next losses."""
        self._first.extend(steps[-self.count % BLOCK :: BLOCK])
        self.count += len(steps)
        self._block = -1  # it may have been read before it was whole

    def step(self, index: int) -> int:
        """The step of the loss at ``index``, 0-based."""
        block, at = divmod(index, BLOCK)
        return self._read(block)[at]

    def index(self, step: float) -> int:
        """The index of the first loss at ``step`` or later; ``count`` where there is none."""
        block = bisect_right(self._first, step) - 1
        if block < 0:
            return 0
        return min(self.count, block * BLOCK + bisect_left(self._read(block), step))

    def _read(self, block: int) -> array[int]:
        if block != self._block:
            count = min(BLOCK, self.count - block * BLOCK)
            self._steps = array("q", self._reread(block * BLOCK, count))
            self._block = block
        return self._steps
