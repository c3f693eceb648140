"""What a table's own columns count beside its steps: epochs, samples, and when they were done."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from zgtui.runlog.times import between
from zgtui.tables.blocks import Column

Counted = Literal["epoch", "samples", "time"]
COUNTED: tuple[Counted, ...] = get_args(Counted)
COLUMNS: dict[Counted, tuple[str, ...]] = {
    "epoch": ("epoch", "epochs", "train/epoch"),
    "samples": ("samples", "samples_seen", "num_samples", "examples"),
    "time": ("wall time", "wall_time", "_timestamp", "timestamp", "time", "_runtime"),
}
"""The names of such columns, in small letters."""
MAX_PAIRS = 4096
LOOKS = 256
"""So many rows of a block are looked at: in between, steps are taken to be even."""


def counted_columns(header: Sequence[str], axis: int) -> dict[Counted, int]:
    """Where ``header`` counts something beside the steps, which the column ``axis`` counts."""
    lower = [name.strip().lower() for name in header]
    found = {
        kind: next((lower.index(name) for name in names if name in lower), axis)
        for kind, names in COLUMNS.items()
    }
    return {kind: at for kind, at in found.items() if at != axis}


class StepCounts:
    """How much of something was counted at each step; between the rows kept it is even.

    Times begin with 0 at the first row. Whole epochs are those that a row belongs to: its place
    in the epoch is how far it is on the way to the next one.
    """

    def __init__(self, kind: Counted) -> None:
        self._kind = kind
        self._steps, self._values = array("d"), array("d")
        self._last = -math.inf
        """The last step, also where nothing more was counted at it."""
        self._whole = kind == "epoch"

    @property
    def known(self) -> bool:
        """Whether it says more than the steps."""
        return len(self._values) > 1

    def note(self, step: float, cell: str | float | None) -> None:
        """At ``step`` it was ``cell``; passes over what is no number, or goes back."""
        value = _value(cell)
        if value is None or step <= self._last:
            return
        self._last = step
        if self._values and value <= self._values[-1]:
            return
        self._whole = self._whole and value.is_integer()
        self._steps.append(step)
        self._values.append(value)
        if len(self._steps) > MAX_PAIRS:
            self._steps, self._values = self._steps[::2], self._values[::2]

    def note_block(self, steps: Sequence[float], cells: Column) -> None:
        """The same for many rows, whose steps ascend."""
        every = 1 if self._whole else max(1, len(cells) // LOOKS)
        if self._whole and cells[0] == cells[-1] and self._values:
            every = max(1, len(cells) - 1)
        for at in range(0, len(cells), every):
            self.note(steps[at], cells[at])
        self.note(steps[len(cells) - 1], cells[-1])

    def seconds(self, step: float) -> float:
        """How much was counted at ``step``; beyond the ends as at them."""
        steps, values = self._to_the_end()
        return between(step, steps, values) - self._origin

    def step(self, seconds: float) -> float:
        """At which step so much was counted; not necessarily whole."""
        steps, values = self._to_the_end()
        return between(seconds + self._origin, values, steps)

    @property
    def _origin(self) -> float:
        return self._values[0] if self._kind == "time" else 0.0

    def _to_the_end(self) -> tuple[array[float], array[float]]:
        """With the epoch that has not ended: it goes on as fast as the one before."""
        steps, values = self._steps, self._values
        if not self._whole or len(steps) < 2 or self._last <= steps[-1]:
            return steps, values
        pace = (values[-1] - values[-2]) / (steps[-1] - steps[-2])
        end = values[-1] + min(1.0, pace * (self._last - steps[-1]))
        return steps + array("d", (self._last,)), values + array("d", (end,))


def _value(cell: str | float | None) -> float | None:
    """A number, or a time as ISO 8601 writes it, in seconds; None for anything else."""
    if cell is None or cell == "":
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError):
        try:
            value = datetime.fromisoformat(str(cell).strip().replace("Z", "+00:00")).timestamp()
        except (ValueError, OverflowError, OSError):
            return None
    return value if math.isfinite(value) else None
