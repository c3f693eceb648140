"""The cells of a stability map as a table, in any of the formats of loss tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.tables.destination import write_rows
from zgtui.theory.stability_map import on_boundary

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.tables.formats import Row
    from zgtui.theory.stability_map import StabilityMap

COLUMNS = (
    "lr_times_sharpness", "lr", "clear", "momentum", "weight_decay", "predicted", "measured",
    "loss_factor", "on_boundary",
)  # fmt: skip
"""``loss_factor`` is what theory says that a step multiplies the loss by, in the long run."""


def write_map(made: StabilityMap, path: Path, *, overwrite: bool) -> None:
    """Write a row for each cell, from the lowest row up.

    Raises:
        TableError: if the ending of ``path`` is none of a table, or it cannot be written.
    """
    rows = [
        _row(made, row, column)
        for row in range(made.grid.rows)
        for column in range(made.grid.columns)
    ]
    write_rows(path, COLUMNS, rows, overwrite=overwrite)


def _row(made: StabilityMap, row: int, column: int) -> Row:
    rule = made.grid.rule(row)
    return [
        made.grid.q(column),
        made.lr(column),
        str(rule.clearing),
        rule.momentum,
        made.weight_decay(row, column),
        made.predicted[row][column],
        made.measured[row][column] if made.measured else None,
        made.prediction(row, column).growth,
        on_boundary(made.predicted, row, column),
    ]
