"""The map of where each loop is stable, made beside the training in slices of some milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zgtui.theory.stability_map import MapGrid, encode
from zgtui.training.many_runs import STEPS
from zgtui.training.measured_map import MeasuredMap
from zgtui.worker.protocol import MapMade, MapStability

if TYPE_CHECKING:
    from zgtui.training.comparison import Comparison

REPORTED_STEPS = 200


class MapMaking:
    """The map that ``command`` asks for, of what ``comparison`` trains; ``send`` tells how far.

    Raises:
        UsageError: if theory does not know the loss.
    """

    def __init__(
        self, comparison: Comparison, command: MapStability, send: Callable[[MapMade], None]
    ) -> None:
        grid = MapGrid(command.axis, command.columns, command.rows, command.clear)
        self._map, self._send = MeasuredMap(comparison, grid), send
        self._reported = -REPORTED_STEPS

    @property
    def done(self) -> bool:
        """Whether both maps are complete."""
        return self._map.done

    def advance(self) -> None:
        """Go on for a slice."""
        made = self._map
        made.advance()
        predicted = len(made.predicted) == made.grid.rows
        if made.done or (predicted and made.step >= self._reported + REPORTED_STEPS):
            self._reported = made.step
            self._send(
                MapMade(
                    axis=made.grid.axis,
                    clear=made.grid.clearing,
                    modes=[[mode.sharpness, mode.error, mode.weight] for mode in made.modes],
                    predicted=encode(made.predicted),
                    measured=encode(made.measured),
                    step=made.step,
                    steps=STEPS,
                )
            )
