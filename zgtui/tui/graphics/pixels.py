"""The curves of a chart drawn in pixels; its axes and its words stay text."""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from zgtui.charts.overlay import pieces_of
from zgtui.charts.plot import BLANK, CROSS, LABEL, NOTICE, depth
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from textual.geometry import Region, Size

    from zgtui.charts.axes import Axis
    from zgtui.charts.plot import InkedRow, Line

BACKGROUND, GRID, MARK, FIRST_CURVE = range(4)
"""Colours of a picture, by their places in its palette."""
_STROKES = ((0.3, 0.0), (0.5, 0.0), (0.3, 0.5), (0.5, 0.7), (0.3, 1.2), (0.5, 1.5))
"""Widths, and gaps between dashes, of the curves of one chart in turn, in widths of a cell.

They differ without colour.
"""
_FAINT, _DOTTED = (0.1, 0.0), (0.2, 0.6)
_DASH = 0.7
_EDGES = "▲▼0"
"""What text says at the edges of a chart: a curve lies beyond them, or at zero."""

Span = tuple[int, int, int]
"""A row, the first column and the one behind the last."""


@dataclass(frozen=True, eq=False)
class Picture:
    """``image``, which has a palette, fills so many ``cells``."""

    image: Image
    cells: Size

    def is_like(self, other: Picture) -> bool:
        """Whether ``other`` looks the same."""
        return self.cells == other.cells and self.image == other.image


@dataclass(frozen=True)
class Drawing:
    """What is drawn: ``lines`` on two axes, level and upright rules, and colours as RGB.

    ``levels`` and ``uprights`` are rows and columns of cells, ``marks`` columns as well.
    """

    x: Axis
    y: Axis
    lines: Sequence[Line]
    colours: Sequence[tuple[int, int, int]]
    levels: Sequence[int] = ()
    uprights: Sequence[int] = ()
    marks: Sequence[int] = ()


def draw(drawing: Drawing, cells: Size, cell: Size) -> Picture:
    """A picture of ``cells``, each of ``cell`` pixels."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - for those who ask for pictures

    width, height = cells.width * cell.width, cells.height * cell.height
    image = Image.new("P", (width, height), BACKGROUND)
    image.putpalette([part for colour in drawing.colours for part in colour])
    pen = ImageDraw.Draw(image)
    for row in drawing.levels:
        at = row * cell.height + cell.height // 2
        pen.line((0, at, width, at), fill=GRID)
    for columns, colour in ((drawing.uprights, GRID), (drawing.marks, MARK)):
        for column in columns:
            at = column * cell.width + cell.width // 2
            pen.line((at, 0, at, height), fill=colour)
    solid = [at for at, line in enumerate(drawing.lines) if not (line.dotted or line.faint)]
    strokes = {at: _STROKES[number % len(_STROKES)] for number, at in enumerate(solid)}
    for at in sorted(range(len(drawing.lines)), key=lambda at: depth(drawing.lines[at])):
        line = drawing.lines[at]
        for piece in _pieces(drawing, line, cells, cell):
            stroke = _DOTTED if line.dotted else strokes.get(at, _FAINT)
            _draw_piece(pen, piece, FIRST_CURVE + at, [part * cell.width for part in stroke])
    return Picture(image, cells)


def cut_out(rows: Sequence[InkedRow], area: Region) -> tuple[list[InkedRow], tuple[Span, ...]]:
    """``rows`` without what a picture shows in ``area``, and the cells that it may cover.

    These are counted from the corner of ``area``. Words stay, and so does the crosshair.
    """
    left: list[InkedRow] = list(rows)
    free: list[Span] = []
    for y in range(area.y, area.bottom):
        cells = [(ink, cell) for ink, text in rows[y] for cell in text]
        kept = [_is_text(*one) for one in cells[area.x : area.right]]
        for at, keep in enumerate(kept, area.x):
            if not keep:
                cells[at] = (BLANK, " ")
        left[y] = pieces_of([ink for ink, _ in cells], "".join(cell for _, cell in cells))
        free += [(y - area.y, start, end) for start, end in _gaps(kept)]
    return left, tuple(free)


def _is_text(ink: int, cell: str) -> bool:
    return cell in _EDGES or (cell != " " and ink in {CROSS, LABEL, NOTICE})


def _gaps(kept: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where cells that are not ``kept`` begin and end."""
    at = 0
    for keep, run in groupby(kept):
        end = at + len(list(run))
        if not keep:
            yield at, end
        at = end


def _pieces(
    drawing: Drawing, line: Line, cells: Size, cell: Size
) -> Iterator[list[tuple[float, float]]]:
    """The points of ``line`` in pixels; where it is at or below zero of a log axis it breaks.

    The ends of both axes lie in the middle of the outermost cells, where text has them.
    """
    points: list[tuple[float, float]] = []
    for step, loss in zip(line.steps, line.losses, strict=True):
        across, up = drawing.x.place(step), drawing.y.place(loss)
        if across is not None and up is not None:
            column, row = across * (cells.width - 1), (1 - up) * (cells.height - 1)
            points.append(((column + 0.5) * cell.width, (row + 0.5) * cell.height))
        elif drawing.y.log and loss <= 0 and points:
            yield points
            points = []
    if points:
        yield points


def _draw_piece(
    pen: ImageDraw, points: list[tuple[float, float]], colour: int, stroke: Sequence[float]
) -> None:
    width, gap = max(1, round(stroke[0])), stroke[1]
    if len(points) == 1:
        (x, y) = points[0]
        pen.ellipse((x - width, y - width, x + width, y + width), fill=colour)
    elif gap:
        for start, end in _dashes(points, gap * _DASH, gap):
            pen.line((start, end), fill=colour, width=width)
    else:
        pen.line(points, fill=colour, width=width, joint="curve")


def _dashes(
    points: Sequence[tuple[float, float]], dash: float, gap: float
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """``points`` joined, in pieces of ``dash`` pixels that lie ``gap`` pixels apart."""
    gone = 0.0
    for (x, y), (to_x, to_y) in pairwise(points):
        length = math.hypot(to_x - x, to_y - y)
        at = 0.0
        while at < length:
            inside = gone % (dash + gap)
            until = (dash if inside < dash else dash + gap) - inside
            end = min(at + max(until, 0.01), length)
            if inside < dash:
                yield (
                    (x + (to_x - x) * at / length, y + (to_y - y) * at / length),
                    (x + (to_x - x) * end / length, y + (to_y - y) * end / length),
                )
            gone += end - at
            at = end
