"""Curves that grow: of a frame, only what is new since the one before is drawn.

To draw a whole curve takes plotext ten milliseconds. While the axes hold still, all but the newest
columns of it stay as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from zgtui.charts import plot
from zgtui.charts.plot import BLANK, PlacedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.charts.plot import Ink, InkedRow, Piece
    from zgtui.config.options import Marker

EVERYWHERE = 2.0
"""Beyond the right end of an axis: up to there two curves are alike that are the same."""


class GrowingCurves:
    """Draws curves, of those that have only grown since the last time no more than the end."""

    def __init__(self) -> None:
        self._looks: object = None
        self._lines: Sequence[PlacedLine] = ()
        self._rows: list[InkedRow] = []

    def draw(
        self, width: int, height: int, lines: Sequence[PlacedLine], marker: Marker
    ) -> list[InkedRow]:
        """As `plot.draw_placed` draws them."""
        looks = width, height, marker, [(line.dotted, line.faint) for line in lines]
        start = self._first_new_column(width, lines) if looks == self._looks else 0
        if start == 0:
            self._rows = plot.draw_placed(width, height, lines, marker)
        elif start < width:
            ends = [_end(line, (start - 1) / (width - 1)) for line in lines]
            drawn = plot.draw_placed(width, height, ends, marker)
            both = zip(self._rows, drawn, strict=True)
            self._rows = [_joined(before, after, start) for before, after in both]
        self._looks, self._lines = looks, lines
        return self._rows

    def _first_new_column(self, width: int, lines: Sequence[PlacedLine]) -> int:
        """From which column on they are to be drawn anew; ``width`` where they are the same."""
        if not all(_is_in_order(piece) for line in lines for piece in line.pieces):
            return 0
        both = zip(self._lines, lines, strict=True)
        alike = min((_alike_until(before, after) for before, after in both), default=0.0)
        # What is drawn in fractions of cells may reach into the one before.
        return width if alike == EVERYWHERE else max(0, plot.column(alike, width) - 1)


def _is_in_order(piece: Piece) -> bool:
    """Whether it goes to the right, as steps do; what a table counts may also go back."""
    return piece[0] == sorted(piece[0])


def _alike_until(before: PlacedLine, after: PlacedLine) -> float:
    """Up to which fraction of the step axis both are drawn alike."""
    for one, other in zip(before.pieces, after.pieces, strict=False):
        if one != other:
            return _same_until(one, other)
    count = min(len(before.pieces), len(after.pieces))
    left_over = before.pieces[count:] or after.pieces[count:]
    return left_over[0][0][0] if left_over else EVERYWHERE


def _same_until(one: Piece, other: Piece) -> float:
    """The last point that both have in common; where there is none, the first of either."""
    pairs = zip(zip(*one, strict=True), zip(*other, strict=True), strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one[0]), len(other[0])))
    return one[0][same - 1] if same else min(one[0][0], other[0][0])


def _end(line: PlacedLine, start: float) -> PlacedLine:
    """``line`` from the last point before the fraction ``start`` on."""
    pieces = []
    for columns, heights in line.pieces:
        if columns[-1] >= start:
            first = max(0, bisect_left(columns, start) - 1)
            pieces.append((columns[first:], heights[first:]))
    return line._replace(pieces=pieces)


def _joined(before: InkedRow, after: InkedRow, at: int) -> InkedRow:
    """``before`` up to the column ``at``, ``after`` from there on."""
    pieces: list[tuple[Ink, str]] = []
    for ink, text in (*_cut(before, 0, at), *_cut(after, at, None)):
        if pieces and (ink in (BLANK, pieces[-1][0]) or not text.strip()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + text)
        else:
            pieces.append((ink, text))
    return tuple(pieces)


def _cut(row: InkedRow, start: int, end: int | None) -> InkedRow:
    """The columns ``start`` to ``end`` of ``row``."""
    at = 0
    pieces = []
    for ink, text in row:
        part = text[max(0, start - at) : None if end is None else max(0, end - at)]
        if part:
            pieces.append((ink, part))
        at += len(text)
    return tuple(pieces)
