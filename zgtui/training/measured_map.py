"""A map of where each loop is stable: predicted cell by cell, then really trained, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.errors import UsageError
from zgtui.theory.stability_map import MapGrid, Outcomes, outcome_of
from zgtui.training.diagnostics.initial import quadratic
from zgtui.training.many_runs import STEPS, ManyRuns

if TYPE_CHECKING:
    from zgtui.theory.prediction import Mode
    from zgtui.training.comparison import Comparison

SLICE_STEPS = 20
"""Training steps between two looks at what else there is to do: some milliseconds."""


class MeasuredMap:
    """The map of the linear model that ``comparison`` trains, from the weights of its step 0.

    Raises:
        UsageError: if the loss of ``comparison`` is not quadratic in the weights.
    """

    def __init__(self, comparison: Comparison, grid: MapGrid) -> None:
        self.grid = grid
        self.predicted: Outcomes = []
        """The rows done so far."""
        self.measured: Outcomes = []
        """Empty until all is trained."""
        model, batches = comparison.initial_model, comparison.batches
        data = batches.inputs, batches.targets
        found = None if model is None else quadratic(model, comparison.criterion, *data)
        if model is None or found is None or not found.modes:
            raise UsageError(
                "the map needs a linear model under MSE loss, whose stability is known in theory;"
                " choose article or regression with x"
            )
        self.modes: tuple[Mode, ...] = found.modes
        cells = [(row, column) for row in range(grid.rows) for column in range(grid.columns)]
        self._runs = ManyRuns(
            model,
            comparison.criterion,
            *data,
            rules=[grid.rule(row) for row, _ in cells],
            lrs=[grid.q(column) / self.modes[0].sharpness for _, column in cells],
        )

    @property
    def done(self) -> bool:
        """Whether both maps are complete."""
        return bool(self.measured)

    @property
    def step(self) -> int:
        """Steps that each cell was trained for, out of `STEPS`."""
        return self._runs.step

    def advance(self) -> None:
        """Go on for some milliseconds: a row of the prediction, or a slice of the training."""
        grid = self.grid
        row = len(self.predicted)
        if row < grid.rows:
            verdicts = (grid.prediction(row, at, self.modes) for at in range(grid.columns))
            self.predicted.append([outcome_of(verdict) for verdict in verdicts])
            return
        self._runs.advance(SLICE_STEPS)
        if self._runs.step >= STEPS:
            outcomes = iter(self._runs.outcomes())
            self.measured = [
                [next(outcomes) for _ in range(grid.columns)] for _ in range(grid.rows)
            ]
