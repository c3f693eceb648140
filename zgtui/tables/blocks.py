"""Many rows of a table at once, column by column: what makes a large file quick to read.

Only for rows in which everything is as expected. All others are read one by one, which also says
what is wrong with them.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import le

Column = Sequence[str]


@dataclass(frozen=True)
class BlockPart:
    """The rows of one run in a block: steps that ascend, and its columns by their place."""

    run: str
    steps: Sequence[float]
    losses: dict[int, array[float]]
    cells: dict[int, Column]


def parts_of(
    columns: Sequence[Column],
    *,
    axis: int,
    run: int | None,
    losses: Sequence[int],
    others: Sequence[int],
) -> list[BlockPart]:
    """The rows of each run, in the order in which the runs come; numbers are places of columns.

    Raises:
        ValueError: if a cell is no number, or steps do not ascend.
    """
    wanted = [axis, *losses, *others]
    parts = []
    for name, picked in _by_run(columns, run, wanted):
        steps = array("d", map(float, picked[axis]))
        if not all(map(math.isfinite, steps)) or not all(map(le, steps, steps[1:])):
            raise ValueError("steps do not ascend")
        values = {at: array("d", map(float, picked[at])) for at in losses}
        parts.append(BlockPart(name, steps, values, {at: picked[at] for at in others}))
    return parts


def _by_run(
    columns: Sequence[Column], run: int | None, wanted: Sequence[int]
) -> Iterator[tuple[str, dict[int, Column]]]:
    if run is None:
        yield "", {at: columns[at] for at in wanted}
        return
    names = list(columns[run])
    distinct = list(dict.fromkeys(names))
    in_turn = distinct * -(-len(names) // len(distinct))
    if in_turn[: len(names)] == names:
        for first, name in enumerate(distinct):
            yield name, {at: columns[at][first :: len(distinct)] for at in wanted}
        return
    for name in distinct:
        mine = [one == name for one in names]
        yield name, {at: list(compress(columns[at], mine)) for at in wanted}
