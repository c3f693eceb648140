"""What is written over a finished plot: a grid, marks where a setting changed, and a notice.

Only blank cells and the grid are written on, so that a curve is never hidden; but for the triangles
where it leaves the plot.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from zgtui.charts.plot import BLANK, CROSS, FRAME, GRID, LABEL, MARK, NOTICE
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.geometry import Region

    from zgtui.charts.plot import Ink, InkedRow

_LABEL_ROWS = 3
DASHES = "┈┊"
"""What a grid is drawn with where the font has it."""
_TICKS = "┤┬+"


@dataclass(frozen=True)
class Mark:
    """Something was changed from ``step`` on; ``label`` says what, in a word or two."""

    step: int
    label: str


def with_name(row: InkedRow, start: int, end: int, name: str, apart: int) -> InkedRow | None:
    """``row`` with the ``name`` of an axis as far right between two columns as it is blank there.

    At least ``apart`` blank cells stay on both sides. None where there is no room.
    """
    cells = _text(row)
    at = cells.rfind(" " * (len(name) + 2 * apart), start, end) + apart
    if at < apart or not name:
        return None
    inks = [ink for ink, text in row for _ in text]
    inks[at : at + len(name)] = [LABEL] * len(name)
    return pieces_of(inks, f"{cells[:at]}{name}{cells[at + len(name) :]}")


def pieces_of(inks: Sequence[Ink], cells: str) -> InkedRow:
    """``cells`` in pieces, each of those next to each other with one of ``inks``."""
    pieces: list[tuple[Ink, str]] = []
    start = 0
    for ink, run in groupby(inks):
        end = start + len(list(run))
        pieces.append((ink, cells[start:end]))
        start = end
    return tuple(pieces)


def _text(row: InkedRow) -> str:
    return "".join(text for _, text in row)


class Overlay:
    """The cells of a plot, opened for writing; ``canvas`` is where its curves are."""

    def __init__(self, rows: Sequence[InkedRow], canvas: Region) -> None:
        self._canvas = canvas
        self._rows = list(rows)
        self._opened: dict[int, tuple[list[Ink], list[str]]] = {}

    def rows(self) -> list[InkedRow]:
        """The plot with all that was written on it."""
        for at, (inks, cells) in self._opened.items():
            self._rows[at] = pieces_of(inks, "".join(cells))
        return self._rows

    def _open(self, at: int) -> tuple[list[Ink], list[str]]:
        """The inks and the cells of a row: most rows of most frames stay closed."""
        if at not in self._opened:
            row = self._rows[at]
            inks = list(chain(*([ink] * len(text) for ink, text in row)))
            self._opened[at] = inks, list(_text(row))
        return self._opened[at]

    def grid(self, glyphs: str) -> None:
        """Draw lines from the ticks of both axes through the canvas, behind all else.

        ``glyphs`` are those of a level line and of an upright one; what is no dash lies apart.
        """
        area, apart = self._canvas, 1 if glyphs == DASHES else 2
        levels, uprights = self.ticks()
        for level in levels:
            inks, cells = self._open(area.y + level)
            for column in range(area.x + apart - 1, area.right, apart):
                if cells[column] == " ":
                    inks[column], cells[column] = GRID, glyphs[0]
        for row in range(area.y, area.bottom):
            inks, cells = self._open(row)
            for upright in uprights:
                if cells[area.x + upright] == " " or inks[area.x + upright] == GRID:
                    inks[area.x + upright], cells[area.x + upright] = GRID, glyphs[1]

    def ticks(self) -> tuple[list[int], list[int]]:
        """The rows and the columns of the canvas at which axes have ticks, but for the axes."""
        area = self._canvas
        sides = [_text(row)[area.x - 1] for row in self._rows[area.y : area.bottom - 1]]
        below = _text(self._rows[area.bottom])[area.x : area.right]
        return (
            [row for row, cell in enumerate(sides) if cell in _TICKS],
            [at for at, cell in enumerate(below) if cell in _TICKS and at > 0],
        )

    def mark(self, marks: Sequence[tuple[int, str]], glyph: str) -> None:
        """Draw a vertical line at each column of the canvas, with its label where there is room.

        Later marks are labelled first: what was changed last matters most.
        """
        area = self._canvas
        for column, _ in marks:
            for row in range(area.y, area.bottom):
                self._on_blank(row, area.x + column, glyph, MARK)
        for column, label in reversed(marks):
            self._label(area.x + column, label)

    def cross(self, column: int, glyph: str, label: str) -> None:
        """Draw the line of a crosshair, also over marks, with its label where there is room."""
        area = self._canvas
        at = area.x + column
        for row in range(area.y, area.bottom):
            self._on_blank(row, at, glyph, CROSS, over=(GRID, MARK, NOTICE))
        if label:
            self._label(at, label)

    def level(self, row: int, glyph: str) -> None:
        """Draw a horizontal line at ``row`` of the canvas, where nothing else is."""
        area = self._canvas
        for column in range(area.x, area.right):
            self._on_blank(area.y + row, column, glyph, FRAME)

    def zeros(self, columns: Iterable[int], ink: Ink) -> None:
        """Write a 0 at the lower edge of each column: zero has no place on a logarithmic axis."""
        area = self._canvas
        for column in columns:
            self._on_blank(area.bottom - 1, area.x + column, "0", ink)

    def clipped(self, above: Iterable[int], below: Iterable[int], ink: Ink, glyphs: str) -> None:
        """Say at the edges of these columns of the canvas that a curve lies beyond them."""
        area = self._canvas
        for columns, row, glyph in (
            (above, area.y, glyphs[0]),
            (below, area.bottom - 1, glyphs[1]),
        ):
            for column in columns:
                self._write(row, area.x + column, glyph, ink)

    def notice(self, text: str) -> None:
        """Write ``text`` in the middle of the canvas, as much of it as there is room for."""
        area = self._canvas
        shown = text[: area.width]
        if area.height:
            row = area.y + (area.height - 1) // 2
            self._write(row, area.x + (area.width - len(shown)) // 2, shown, NOTICE)

    def _label(self, column: int, label: str) -> None:
        area = self._canvas
        for through in ((BLANK, GRID), (BLANK, GRID, MARK)):
            for row in range(area.y, min(area.bottom, area.y + _LABEL_ROWS)):
                for start in (column + 2, column - 1 - len(label)):
                    end = start + len(label)
                    # free cells on both sides keep it apart from its line and from other labels
                    free = self._free(
                        row, max(start - 1, area.x), min(end + 1, area.right), through
                    )
                    if free and start >= area.x and end <= area.right:
                        self._write(row, start, label, NOTICE)
                        return

    def _free(self, row: int, start: int, end: int, through: tuple[Ink, ...]) -> bool:
        inks, cells = self._open(row)
        return all(
            cell == " " or ink in through
            for cell, ink in zip(cells[start:end], inks[start:end], strict=True)
        )

    def _on_blank(
        self, row: int, column: int, glyph: str, ink: Ink, over: tuple[Ink, ...] = (GRID,)
    ) -> None:
        inks, cells = self._open(row)
        if cells[column] == " " or inks[column] in over:
            self._write(row, column, glyph, ink)

    def _write(self, row: int, start: int, text: str, ink: Ink) -> None:
        inks, cells = self._open(row)
        for column, cell in enumerate(text, start):
            cells[column] = cell
            inks[column] = ink if cell != " " else BLANK
