"""A plot whose frame, names and grid are drawn once while its axes hold still."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from zgtui.charts import plot
from zgtui.charts.growing import GrowingCurves
from zgtui.charts.overlay import Overlay, pieces_of, with_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Region

    from zgtui.charts.axes import Axis
    from zgtui.charts.plot import InkedRow, Line
    from zgtui.config.options import Marker


class PlotFrame(NamedTuple):
    """What lies around and behind curves: as long as it is the same, it is drawn once."""

    width: int
    height: int
    canvas: Region
    x: Axis
    y: Axis
    gutter: int
    marker: Marker
    names: tuple[str, str] | None = None
    """Those of both axes, where they are written."""
    grid: str = ""
    """The glyphs of a level line and of an upright one; empty where there is no grid."""


class FramedPlot:
    """Draws curves in a frame, time after time."""

    def __init__(self) -> None:
        self._curves = GrowingCurves()

    def draw(self, frame: PlotFrame, lines: Sequence[Line]) -> list[InkedRow]:
        """``lines`` in ``frame``, as `plot.draw` draws both at once."""
        canvas = frame.canvas
        rows = list(_behind(frame))
        placed = [plot.place(line, frame.x, frame.y) for line in lines]
        curves = self._curves.draw(canvas.width, canvas.height, placed, frame.marker)
        rows[canvas.y : canvas.bottom] = [
            _over(row, curve, canvas.x)
            for row, curve in zip(rows[canvas.y : canvas.bottom], curves, strict=True)
        ]
        return rows


@lru_cache(maxsize=64)
def _behind(frame: PlotFrame) -> tuple[InkedRow, ...]:
    """What is there without curves."""
    width, height, canvas, x, y, gutter, marker, names, grid = frame
    rows = plot.draw(width, height, x, y, [], gutter=gutter, marker=marker)
    if names is not None:
        _name(rows, canvas, gutter, names)
    if not grid:
        return tuple(rows)
    overlay = Overlay(rows, canvas)
    overlay.grid(grid)
    return tuple(overlay.rows())


def _name(rows: list[InkedRow], canvas: Region, gutter: int, names: tuple[str, str]) -> None:
    """Write the names of both axes where labels leave room for them.

    That of the losses has a row of its own: before a label it would be read as a part of it.
    """
    steps, losses = names
    rows[-1] = with_name(rows[-1], canvas.x, canvas.right, steps, apart=1) or rows[-1]
    rows_left = (at for at in range(1, len(rows) - 2) if _is_blank(rows[at], gutter))
    at = next(rows_left, None)
    if at is not None:
        rows[at] = with_name(rows[at], 0, gutter, losses, apart=0) or rows[at]


def _is_blank(row: InkedRow, end: int) -> bool:
    """Whether ``row`` has nothing before the column ``end``."""
    return not "".join(text for _, text in row)[:end].strip()


@lru_cache(maxsize=1024)
def _over(row: InkedRow, curve: InkedRow, start: int) -> InkedRow:
    """``row`` with ``curve`` over it from the column ``start`` on, where that is not blank.

    Most rows of a chart stay as they are from one frame to the next.
    """
    inks = [ink for ink, text in row for _ in text]
    cells = list("".join(text for _, text in row))
    # Blanks join what is left of them: fewer pieces are fewer bytes.
    left = inks[start - 1]
    at = start
    for ink, text in curve:
        for cell in text:
            if cell != " ":
                left = ink
                inks[at], cells[at] = ink, cell
            elif cells[at] == " ":
                inks[at] = left
            at += 1
    return pieces_of(inks, "".join(cells))


def ticks(frame: PlotFrame) -> tuple[list[int], list[int]]:
    """The rows and the columns of the canvas at which axes have ticks, but for the axes."""
    return Overlay(_behind(frame), frame.canvas).ticks()
