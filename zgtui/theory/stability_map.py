"""Where each loop is stable: the cells of a map, and what theory says of each.

A map has columns of q = lr·λ and rows of how often gradients are cleared, of momentum, or of weight
decay. Claims are numbered as in claims.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from zgtui.config.settings import NEVER, Clearing, MapAxis
from zgtui.lazy_dataclass import dataclass
from zgtui.theory.dynamics import Rule
from zgtui.theory.stability import Fate, StabilityVerdict, verdict_of_modes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.theory.prediction import Mode

CellOutcome = Literal["converged", "bounded", "diverged"]
OUTCOMES: tuple[CellOutcome, ...] = get_args(CellOutcome)
Outcomes = list[list[CellOutcome]]
"""Rows from the lowest up, each from the left."""
MAX_Q = 5.0
"""The right edge: a run that clears diverges beyond 2, one that never does beyond 4."""

_OUTCOME_OF: dict[Fate, CellOutcome] = {
    "converges": "converged",
    "oscillates": "bounded",
    "grows linearly": "diverged",
    "diverges": "diverged",
    "unstable at any rate": "diverged",
}


@dataclass(frozen=True)
class MapGrid:
    """What is varied, in how many cells.

    ``clearing`` is the policy of all cells, except where the rows differ in it.
    """

    axis: MapAxis
    columns: int
    rows: int
    clearing: Clearing = NEVER

    def q(self, column: int) -> float:
        """lr·λ in the middle of ``column``, counted from the left."""
        return MAX_Q * (column + 0.5) / self.columns

    def rule(self, row: int) -> Rule:
        """What the cells of ``row``, counted from the lowest, have in common.

        The lowest row clears every step, the next every second one and so on, and the highest
        never; or it is without momentum, or weight decay (lr·wd), which end below 1.
        """
        if self.axis == "clearing":
            return Rule(Clearing(row + 1) if row + 1 < self.rows else NEVER)
        share = row / self.rows
        if self.axis == "momentum":
            return Rule(self.clearing, momentum=share)
        return Rule(self.clearing, decay=share)

    def prediction(self, row: int, column: int, modes: Sequence[Mode]) -> StabilityVerdict:
        """What becomes of a cell (claims.md 3, 7, 8, 10).

        ``modes`` are the directions of the loss, the sharpest first; q is about that one.
        """
        return verdict_of_modes(self.rule(row), self.q(column) / modes[0].sharpness, modes)


def outcome_of(verdict: StabilityVerdict) -> CellOutcome:
    """Where it leads; raises KeyError where no rule covers it."""
    return _OUTCOME_OF[verdict.state]


def on_boundary(outcomes: Outcomes, row: int, column: int) -> bool:
    """Whether a neighbour of the cell, corners included, comes to something else."""
    around = (
        outcomes[at_row][at_column]
        for at_row in range(max(0, row - 1), min(len(outcomes), row + 2))
        for at_column in range(max(0, column - 1), min(len(outcomes[row]), column + 2))
    )
    return any(outcome != outcomes[row][column] for outcome in around)


def encode(outcomes: Outcomes) -> list[str]:
    """A letter a cell, a word a row, for the way between two processes."""
    return ["".join(outcome[0] for outcome in row) for row in outcomes]


def decode(rows: Sequence[str]) -> Outcomes:
    """The inverse of ``encode``; raises KeyError for another letter."""
    by_letter = {outcome[0]: outcome for outcome in OUTCOMES}
    return [[by_letter[letter] for letter in row] for row in rows]


@dataclass(frozen=True)
class StabilityMap:
    """A map as far as it is made.

    ``modes`` are the directions of the loss, the sharpest first. ``measured`` is empty until each
    cell was trained for ``steps``, of which ``step`` are done.
    """

    grid: MapGrid
    modes: tuple[Mode, ...]
    predicted: Outcomes
    measured: Outcomes
    step: int
    steps: int

    @property
    def outcomes(self) -> Outcomes:
        """What was measured; what theory says until then."""
        return self.measured or self.predicted

    def lr(self, column: int) -> float:
        """The learning rate of ``column``."""
        return self.grid.q(column) / self.modes[0].sharpness

    def weight_decay(self, row: int, column: int) -> float:
        """The weight decay of a cell."""
        return self.grid.rule(row).decay / self.lr(column)

    def prediction(self, row: int, column: int) -> StabilityVerdict:
        """What theory says of a cell."""
        return self.grid.prediction(row, column, self.modes)

    def agreement(self) -> str:
        """In how many cells the training came to what theory says; empty while it trains."""
        if not self.measured:
            return ""
        count = self.grid.rows * self.grid.columns
        apart = [
            (row, column)
            for row in range(self.grid.rows)
            for column in range(self.grid.columns)
            if self.predicted[row][column] != self.measured[row][column]
        ]
        if not apart:
            return f"training and theory agree in all {count:,} cells"
        inside = sum(not on_boundary(self.predicted, *cell) for cell in apart)
        where = f"{inside:,} inside an area" if inside else "all on a boundary"
        return f"theory differs in {len(apart):,} of {count:,} cells, {where}"
