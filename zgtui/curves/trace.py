"""The points of one curve, at whatever steps they are: exact, quick to draw, bounded if asked for.

Beside the points stands the lowest and the highest of each 256 of them, so that drawing a million
points costs what drawing some thousands does. With a ``capacity``, ``bound`` merges the points by
fours, of which the lowest and the highest stay, when there are more: nothing is averaged, a spike
of a single step stays.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import field
from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS
from zgtui.curves.exact import extremes, joined
from zgtui.curves.trend import TrendTracker
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.settings_history import SettingsHistory
from zgtui.tables.blocks import even_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK = 256


class Trace:
    """Losses by step. Steps are finite, not necessarily whole, evenly spaced or from 1 on.

    ``count`` points were appended in all. ``revision`` changes whenever the points do. Points that
    come out of order are put into it.
    """

    def __init__(self, capacity: int | None = None) -> None:
        self.count = 0
        self.revision = 0
        self._capacity = capacity
        # Steps that are evenly spaced take no room.
        self._steps: array[float] | range = range(0)
        self._losses: array[float] = array("d")
        self._block_steps: array[float] = array("d")
        self._block_losses: array[float] = array("d")
        self._ordered = True
        self._merged = 0

    def append(self, step: float, loss: float) -> None:
        """Add a point; the loss may be inf or nan."""
        if self._steps and step < self._steps[-1]:
            self._ordered = False
        self._steps = _appended(self._steps, [step])
        self._losses.append(loss)
        self.count += 1
        self.revision += 1

    def extend(self, steps: Sequence[float], losses: array[float]) -> None:
        """Add points whose steps ascend."""
        if self._steps and steps and steps[0] < self._steps[-1]:
            self._ordered = False
        self._steps = _appended(self._steps, steps)
        self._losses.extend(losses)
        self.count += len(losses)
        self.revision += 1

    def bound(self) -> None:
        """Bring the number of points kept down to the capacity."""
        while self._capacity is not None and len(self._steps) > self._capacity:
            self._merge()

    def bound_bytes(self, most: int) -> None:
        """Bring the memory that the points take down to ``most`` bytes."""
        if self._bytes > most:
            self._coarsen()

    @property
    def _bytes(self) -> int:
        return 8 * len(self._losses) * (1 if isinstance(self._steps, range) else 2)

    def newest(self, count: int) -> array[float]:
        """The losses that came last, oldest first; exact for what came since ``bound``."""
        return self._losses[len(self._losses) - count :]

    @property
    def exact(self) -> bool:
        """Whether every point is still there as it came."""
        return self.count == len(self._steps)

    @property
    def first_step(self) -> float | None:
        """The lowest step; None where there is no point."""
        self._order()
        return self._steps[0] if self._steps else None

    @property
    def last_step(self) -> float | None:
        """The highest step; None where there is no point."""
        self._order()
        return self._steps[-1] if self._steps else None

    def points_until(self, limit: float) -> int:
        """How many of the points kept lie at steps up to ``limit``."""
        self._order()
        return bisect_right(self._steps, limit)

    def point(self, index: int) -> tuple[float, float]:
        """The kept point ``index``, counted from 0: step and loss."""
        self._order()
        return self._steps[index], self._losses[index]

    def losses(self, start: int, end: int) -> array[float]:
        """The kept losses from index ``start`` up to ``end``, that one not included."""
        self._order()
        return self._losses[start:end]

    def step_after(self, step: float) -> float | None:
        """The lowest step above ``step``; None where there is none."""
        at = self.points_until(step)
        return self._steps[at] if at < len(self._steps) else None

    def step_before(self, step: float) -> float | None:
        """The highest step below ``step``; None where there is none."""
        self._order()
        at = bisect_left(self._steps, step)
        return self._steps[at - 1] if at else None

    def at(self, step: float, limit: float = math.inf) -> float | None:
        """The kept loss at ``step``, finite or not; None where there is none up to ``limit``."""
        after = self.points_until(min(step, limit))
        found = after > 0 and self._steps[after - 1] == step
        return self._losses[after - 1] if found else None

    def near(self, step: float, direction: int = 0, limit: float = math.inf) -> float | None:
        """The kept step nearest to ``step``, or next to it in ``direction``; None: no steps.

        None of them is above ``limit``, and at the ends it stays where it is.
        """
        last = self.points_until(limit) - 1
        if last < 0:
            return None
        before = bisect_left(self._steps, step) - 1
        after = before + 1 if direction <= 0 else self.points_until(step)
        earlier = self._steps[min(max(before, 0), last)]
        later = self._steps[min(after, last)]
        if direction:
            return later if direction > 0 else earlier
        return earlier if step - earlier < later - step else later

    def points(
        self, columns: int, start: float, end: float, limit: float = math.inf
    ) -> tuple[list[float], list[float]]:
        """What to draw of the steps ``start`` to ``end`` on ``columns`` columns, up to ``limit``.

        Returns steps (ascending) and losses of equal length: every finite loss where at most two
        points share a column, else the lowest and the highest of each column at their own steps.
        """
        self._order()
        self._fill_blocks()
        left = bisect_left(self._steps, start)
        stop = bisect_right(self._steps, min(end, limit))
        if stop - left <= 2 * columns:
            points = zip(self._steps[left:stop], self._losses[left:stop], strict=True)
            return joined([point] for point in points if math.isfinite(point[1]))
        pairs: list[list[tuple[float, float]]] = []
        for column in range(1, columns + 1):
            border = end if column == columns else start + column * (end - start) / columns
            right = min(bisect_right(self._steps, border, left), stop)
            pairs.append(self._extremes(left, right))
            left = right
        return joined(pairs)

    def _extremes(self, left: int, right: int) -> list[tuple[float, float]]:
        first, last = -(-left // BLOCK), right // BLOCK
        if last <= first:
            return extremes(self._steps[left:right], self._losses[left:right])
        whole, tail = slice(2 * first, 2 * last), slice(last * BLOCK, right)
        head = slice(left, first * BLOCK)
        return extremes(
            array("d", self._steps[head])
            + self._block_steps[whole]
            + array("d", self._steps[tail]),
            self._losses[head] + self._block_losses[whole] + self._losses[tail],
        )

    def _fill_blocks(self) -> None:
        for at in range(len(self._block_steps) // 2, len(self._steps) // BLOCK):
            part = slice(at * BLOCK, (at + 1) * BLOCK)
            steps, losses = self._steps[part], self._losses[part].tolist()
            for step, loss in extremes(steps, losses) or [(steps[0], math.nan)] * 2:
                self._block_steps.append(step)
                self._block_losses.append(loss)

    def _order(self) -> None:
        if self._ordered:
            return
        order = sorted(range(len(self._steps)), key=self._steps.__getitem__)
        self._steps = array("d", map(self._steps.__getitem__, order))
        self._losses = array("d", map(self._losses.__getitem__, order))
        self._forget_blocks()
        self._ordered = True

    def _coarsen(self) -> None:
        """Keep two points of each block, which are known already; what was merged once stays so."""
        self._order()
        self._fill_blocks()
        first, last = -(-self._merged // BLOCK), (len(self._steps) - 1) // BLOCK
        head, tail = slice(0, first * BLOCK), slice(last * BLOCK, None)
        whole = slice(2 * first, 2 * last)
        steps = array("d", self._steps[head]) + self._block_steps[whole]
        self._merged = len(steps)
        self._steps = steps + array("d", self._steps[tail])
        self._losses = self._losses[head] + self._block_losses[whole] + self._losses[tail]
        self._forget_blocks()

    def _merge(self) -> None:
        """Keep two points of each four."""
        self._order()
        steps, losses = array("d"), array("d")
        for at in range(0, len(self._steps), 4):
            part = self._steps[at : at + 4], self._losses[at : at + 4].tolist()
            for step, loss in extremes(*part) or [(part[0][0], math.nan)] * 2:
                steps.append(step)
                losses.append(loss)
        # The newest point stays the newest, whatever its loss.
        if steps[-1] != self._steps[-1]:
            steps.append(self._steps[-1])
            losses.append(self._losses[-1])
        self._steps, self._losses = steps, losses
        self._forget_blocks()

    def _forget_blocks(self) -> None:
        self._block_steps, self._block_losses = array("d"), array("d")


def _appended(steps: array[float] | range, new: Sequence[float]) -> array[float] | range:
    """``steps`` with ``new`` behind them, as a range as long as they are evenly spaced."""
    if isinstance(steps, range):
        added = new if isinstance(new, range) else even_steps(new)
        if added is not None:
            whole = _joined(steps, added)
            if whole is not None:
                return whole
        steps = array("d", steps)
    steps.extend(new)
    return steps


def _joined(steps: range, new: range) -> range | None:
    """Both as one; None where they are not evenly spaced together."""
    if not steps or not new:
        return steps or new
    every = new[0] - steps[-1]
    fits = every > 0 and all(len(one) == 1 or one.step == every for one in (steps, new))
    return range(steps[0], new[-1] + every, every) if fits else None


def run_of(name: str) -> str:
    """The run of the curve ``name``: ``A`` of ``A gan.py:25``, the losses of one line of run A."""
    run, _, line = name.partition(" ")
    return run if line and run in RUNS else name


@dataclass
class Track:
    """One curve with what is known of how it was made; ``run`` is empty where none is named."""

    name: str
    trace: Trace
    course: SettingsHistory = field(default_factory=SettingsHistory)
    tracker: TrendTracker = field(default_factory=TrendTracker)
    tracker_fed: int = 0
    run: str = ""

    def settle(self) -> None:
        """Follow the trend through what was appended, then bound the memory it takes."""
        fresh = self.trace.count - self.tracker_fed
        if fresh:
            self.tracker.extend(self.trace.newest(fresh))
            self.tracker_fed = self.trace.count
        self.trace.bound()

    def step_of(self, row: int) -> float | None:
        """The step of the point that came as number ``row``, counted from 1; None if forgotten."""
        trace = self.trace
        if trace.exact:
            return trace.point(row - 1)[0]
        first, last = trace.first_step, trace.last_step
        if first is not None and last is not None and last - first == trace.count - 1:
            return first + row - 1
        return None
