"""A stability map in letters, and the words for its axes and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.config.settings import MapAxis
from zgtui.plural import plural
from zgtui.theory.stability_map import MAX_Q, OUTCOMES, CellOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.theory.dynamics import Rule
    from zgtui.theory.stability_map import MapGrid, StabilityMap

LETTERS: dict[CellOutcome, str] = {"converged": ".", "bounded": "o", "diverged": "#"}
AXIS_NAMES: dict[MapAxis, str] = {
    "clearing": "steps per zero_grad()",
    "momentum": "momentum",
    "weight-decay": "lr·wd",
}
LABEL_COLUMNS = 6


def row_label(grid: MapGrid, row: int) -> str:
    """What stands at the left of a row."""
    rule = grid.rule(row)
    if grid.axis == "clearing":
        return str(rule.clearing)
    return f"{rule.momentum if grid.axis == 'momentum' else rule.decay:.2f}"


def setting_words(rule: Rule) -> str:
    """The settings of a row in words, the learning rate apart."""
    parts = [rule.clearing.title]
    if rule.momentum:
        parts.append(f"momentum {rule.momentum:.3g}")
    if rule.decay:
        parts.append(f"lr·wd {rule.decay:.3g}")
    return ", ".join(parts)


def common_words(grid: MapGrid) -> str:
    """What all cells have in common, and what the rows are."""
    policy = "" if grid.axis == "clearing" else f"{grid.clearing.title}, "
    return f"SGD, {policy}lr·λ from 0 to {MAX_Q:g} by {AXIS_NAMES[grid.axis]}"


def axis_line(columns: int) -> str:
    """The numbers 0 to 5 of lr·λ, each below its place."""
    line = [" "] * (columns + 1)
    for number in range(int(MAX_Q) + 1):
        line[min(columns, round(number * columns / MAX_Q))] = str(number)
    return "".join(line).rstrip()


def plain_map(made: StabilityMap) -> Iterator[str]:
    """Lines of letters, the highest row first, with axes and what the letters mean."""
    grid = made.grid
    for row in reversed(range(grid.rows)):
        cells = "".join(LETTERS[outcome] for outcome in made.outcomes[row])
        yield f"{row_label(grid, row):>{LABEL_COLUMNS}} |{cells}"
    yield f"{'':{LABEL_COLUMNS}} +{'-' * grid.columns}"
    yield f"{'':{LABEL_COLUMNS}}  {axis_line(grid.columns)}  lr·λ"
    counts = {outcome: sum(row.count(outcome) for row in made.outcomes) for outcome in OUTCOMES}
    yield "   ".join(
        f"{LETTERS[outcome]} {outcome} ({plural(counts[outcome], 'cell')})" for outcome in OUTCOMES
    )
