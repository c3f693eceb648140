"""Many rows of a table at once, column by column: what makes a large file quick to read.

Only for rows in which everything is as expected. All others are read one by one, which also says
what is wrong with them.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any, Union

from zgtui.lazy_dataclass import dataclass

Column = Sequence[Any]
"""Cells as text, or as the numbers that they are; an empty text or None is a gap."""
Steps = Union["array[float]", range]
"""Evenly spaced ones are a range."""
Points = tuple[Steps, "array[float]"]


@dataclass(frozen=True)
class BlockPart:
    """The rows of one run in a block: steps that ascend, and its columns by their place.

    ``losses`` has the steps and the losses of each column, gaps left out.
    """

    run: str
    steps: Steps
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
        steps = _ascending(_numbers(picked[axis]))
        values = {at: _points(steps, picked[at]) for at in losses}
        parts.append(BlockPart(name, steps, values, {at: picked[at] for at in others}))
    return parts


def even_steps(steps: Sequence[float]) -> range | None:
    """``steps`` as a range; None where they are not whole and evenly spaced."""
    if not len(steps) or not all(one == int(one) for one in (steps[0], steps[-1])):
        return None
    every = int(steps[1] - steps[0]) if len(steps) > 1 else 1
    if every < 1:
        return None
    even = range(int(steps[0]), int(steps[0]) + every * len(steps), every)
    return even if list(even) == list(steps) else None


def _ascending(steps: list[float]) -> Steps:
    if not math.isfinite(sum(steps)):
        raise ValueError("a step is not finite")
    even = even_steps(steps)
    if even is not None:
        return even
    if sorted(steps) != steps:
        raise ValueError("steps do not ascend")
    return array("d", steps)


def _numbers(column: Column) -> list[float]:
    """The cells of ``column`` as numbers: whole ones are read fastest as JSON."""
    if not isinstance(column[0], str):
        return list(column)
    text = ",".join(column)
    if not text.encode().translate(None, b"0123456789,"):
        with suppress(ValueError):
            found: list[float] = json.loads(f"[{text}]")
            if len(found) == len(column):
                return found
    return list(map(float, column))


def first_filled(column: Column) -> Any:
    """The first cell that is no gap; None without one."""
    return next((cell for cell in column if _is_filled(cell)), None)


def _points(steps: Steps, column: Column) -> Points:
    try:
        if isinstance(column[0], float):
            return steps, array("d", column)
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
