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
from typing import Any

Column = Sequence[Any]
"""Cells as text, or as the numbers that they are; an empty text or None is a gap."""
Points = tuple["array[float]", "array[float]"]


@dataclass(frozen=True)
class BlockPart:
    """The rows of one run in a block: steps that ascend, and its columns by their place.

    ``losses`` has the steps and the losses of each column, gaps left out.
    """

    run: str
    steps: array[float]
    losses: dict[int, Points]
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
        if not math.isfinite(sum(steps)) or sorted(steps) != steps.tolist():
            raise ValueError("steps do not ascend")
        values = {at: _points(steps, picked[at]) for at in losses}
        parts.append(BlockPart(name, steps, values, {at: picked[at] for at in others}))
    return parts


def first_filled(column: Column) -> Any:
    """The first cell that is no gap; None without one."""
    return next((cell for cell in column if _is_filled(cell)), None)


def _points(steps: array[float], column: Column) -> Points:
    try:
        return steps, array("d", map(float, column))
    except (TypeError, ValueError):
        filled = list(map(_is_filled, column))
        cells = compress(column, filled)
        return array("d", compress(steps, filled)), array("d", map(float, cells))


def _is_filled(cell: Any) -> bool:
    return cell is not None and not (isinstance(cell, str) and (not cell or cell.isspace()))


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
