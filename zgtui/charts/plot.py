"""The one door to plotext: curves and axes in, rows of inked text out.

plotext 6.1 aborts the process on NaN, on infinities and on values far outside its limits, and its
figure is one global object. So ``draw`` alone talks to it, from one thread; it hands over nothing
but finite numbers between 0 and 1 and always sets limits, ticks and labels itself.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.charts.axes import Axis
    from zgtui.charts.step_axis import Times
    from zgtui.config.options import Marker


class Source(Protocol):
    """What a curve is drawn from: a loss history, a prediction, a loaded table."""

    @property
    def revision(self) -> int:
        """Changes whenever ``points`` would answer differently."""

    @property
    def steps(self) -> int:
        """The last step there is; 0 when there is none."""

    def points(self, columns: int, start: int, end: int) -> tuple[Sequence[float], Sequence[float]]:
        """What to draw of steps ``start`` to ``end``: at most two losses on each of ``columns``.

        Returns steps, ascending, and their losses, equally long.
        """

    def at(self, step: float) -> float | None:
        """The loss at ``step`` exactly, finite or not; None where there is none."""

    def near(self, step: float, direction: int = 0) -> float | None:
        """Of the steps with a loss, the nearest to ``step``, or next to it in ``direction``.

        ``direction`` is 1 or -1, 0 for the nearest; None where there is no step at all.
        """


@dataclass(frozen=True)
class Curve:
    """One curve: ``style`` is a colour (``#56b4e9``) or a variable of the theme (``$run-a``).

    A ``dotted`` curve, a prediction for example, lies beneath the others in small dots. Where a
    ``smooth`` one is drawn, the ``faint`` one behind it is of the losses themselves.
    """

    source: Source
    style: str
    label: str = ""
    dotted: bool = False
    faint: bool = False
    smooth: bool = False
    times: Times | None = None
    """When its steps were done; None where that is not known."""


Ink = int
"""What a piece of a row belongs to: one of those below, or ``CURVE`` + the index of a curve."""

BLANK: Ink = 0
FRAME: Ink = 1
LABEL: Ink = 2
MARK: Ink = 3
NOTICE: Ink = 4
CROSS: Ink = 5
GRID: Ink = 6
CURVE: Ink = 7

JUMP = 16
"""Moving the cursor and setting a colour again takes about as many bytes as so many cells."""

InkedRow = tuple[tuple[Ink, str], ...]
"""One line of a plot, left to right; its texts add up to the width of the plot."""

_INK_COLOUR = 16
"""plotext carries an ink through as this palette colour + the ink: beyond the 16 named ones."""

OCTANT = "octant"
"""Drawn as braille, whose eight dots it fills."""

_BRAILLE = ("braille", "hd", "dot", "×", "◦", "+")
_GLYPHS: dict[Marker, tuple[str, ...]] = {
    "image": _BRAILLE,  # pictures come over it
    "octant": (OCTANT, "braille", "dot", "×", "◦", "+"),
    "braille": _BRAILLE,
    "hd": ("hd", "braille", "dot", "×", "◦", "+"),
    "dot": ("dot", "◦", "×", "+", "#", "%"),
    "ascii": ("*", "o", "x", "+", "#", "%"),
}
"""Curves of one chart take these in turn, so that they differ without colour too."""

_TO_ASCII = str.maketrans("┤│└┬─", "+|++-")


@dataclass(frozen=True)
class Line:
    """Points to be joined in order, in the units of the axes; any floats at all.

    ``steps`` and ``losses`` are equally long, and hold at most two points a column. ``dotted``
    lines are drawn first, beneath the others, with small dots; ``faint`` ones come next, with the
    glyph of the line that follows.
    """

    steps: Sequence[float]
    losses: Sequence[float]
    dotted: bool = False
    faint: bool = False


Piece = tuple[list[float], list[float]]
"""Points to be joined, at least one: their columns and their heights, each from 0.0 to 1.0."""


class PlacedLine(NamedTuple):
    """A line on its axes, in pieces where it breaks."""

    pieces: list[Piece]
    dotted: bool
    faint: bool


def draw(  # noqa: PLR0913 - one picture: its size, its two axes, what is in it and how it looks
    width: int,
    height: int,
    x: Axis,
    y: Axis,
    lines: Sequence[Line],
    *,
    gutter: int | None,
    marker: Marker = "braille",
) -> list[InkedRow]:
    """Draw ``lines`` on ``height`` rows of exactly ``width`` columns, both at least 1.

    Non-finite points are left out, others clamped to the axes. ``gutter`` columns at the left
    hold the labels of the y axis; where it is None curves alone are drawn, on the whole area.
    """
    placed = [place(line, x, y) for line in lines]
    if gutter is None:
        return draw_placed(width, height, placed, marker)
    _set_up(width, height)
    _show_axes(x, y, gutter)
    return _draw(placed, height, marker)


def draw_placed(
    width: int, height: int, lines: Sequence[PlacedLine], marker: Marker
) -> list[InkedRow]:
    """Draw ``lines`` alone, without axes, on ``height`` rows of exactly ``width`` columns."""
    _set_up(width, height)
    figure = _plotext().figure
    figure.ruler("x", "lower").ticks([], [])
    figure.ruler("y", "left").ticks([], [])
    return _draw(lines, height, marker)


def _draw(lines: Sequence[PlacedLine], height: int, marker: Marker) -> list[InkedRow]:
    solid = 0
    glyphs: list[str] = []
    known = _GLYPHS[marker]
    for line in lines:
        glyphs.append(_dot(marker) if line.dotted else known[solid % len(known)])
        solid += not line.dotted and not line.faint
    for index in sorted(range(len(lines)), key=lambda index: depth(lines[index])):
        for piece in lines[index].pieces:
            _add(piece, glyphs[index], CURVE + index)
    built = _plotext().figure.build().string()
    rows = [_parse(text) for text in built.splitlines()[:height]]
    octants = {CURVE + index for index, glyph in enumerate(glyphs) if glyph == OCTANT}
    if octants:
        rows = [_in_octants(row, octants) for row in rows]
    if marker == "ascii":
        return [tuple((ink, text.translate(_TO_ASCII)) for ink, text in row) for row in rows]
    return rows


def _in_octants(row: InkedRow, inks: set[Ink]) -> InkedRow:
    from zgtui.charts.octants import FROM_BRAILLE  # noqa: PLC0415 - for those who ask for them

    return tuple((ink, text.translate(FROM_BRAILLE) if ink in inks else text) for ink, text in row)


def depth(line: Line | PlacedLine) -> int:
    """In which turn ``line`` is drawn: later ones lie above."""
    return 0 if line.dotted else 1 if line.faint else 2


def changes(old: InkedRow, new: InkedRow) -> list[tuple[int, int]]:
    """Where two rows of one width look different: first columns and numbers of columns.

    What lies between two changes is part of one where it is shorter than a jump over it.
    """
    before, after = _cells(old), _cells(new)
    apart = [at for at, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    ends = [at for at, (left, right) in enumerate(pairwise(apart), 1) if right - left > JUMP]
    parts = [apart[start:end] for start, end in pairwise([0, *ends, len(apart)])]
    return [(part[0], part[-1] - part[0] + 1) for part in parts if part]


def _cells(row: InkedRow) -> list[tuple[Ink, str]]:
    return [(BLANK if cell == " " else ink, cell) for ink, text in row for cell in text]


def column(fraction: float, columns: int) -> int:
    """The column on which plotext draws what lies at ``fraction`` of an axis ``columns`` wide."""
    exact = fraction * (columns - 1)
    # halves go towards the middle
    return math.floor(exact + 0.5) if fraction <= 0.5 else math.ceil(exact - 0.5)


def prepare() -> None:
    """Import plotext, which takes as long as a dozen frames; else the first chart does."""
    _plotext()


def _plotext() -> Any:
    import plotext  # type: ignore[import-untyped]  # noqa: PLC0415 - the first frame need not wait

    return plotext


def _dot(marker: Marker) -> str:
    return "." if marker == "ascii" else "·"


def _set_up(width: int, height: int) -> None:
    """Empty the figure, of this size and without axes; each is from 0 to 1."""
    plotext = _plotext()
    figure = plotext.figure
    # otherwise a plot is cut to what plotext takes for the terminal: 80 x 24 where it sees none
    plotext.terminal.limit(width=False, height=False)
    figure.clear()
    figure.plot_size(width, height)
    figure.axes(active=False)
    figure.ruler("x", "lower").lim(0.0, 1.0)
    figure.ruler("y", "left").lim(0.0, 1.0)


def _show_axes(x: Axis, y: Axis, gutter: int) -> None:
    plotext = _plotext()
    figure = plotext.figure
    lower, left = figure.ruler("x", "lower"), figure.ruler("y", "left")
    ink = plotext.pixel(_INK_COLOUR + FRAME)
    figure.axes(active=True, pixel=ink, axis="x", side="lower")
    figure.axes(active=True, pixel=ink, axis="y", side="left")
    lower.pixel(plotext.pixel(_INK_COLOUR + LABEL))
    left.pixel(plotext.pixel(_INK_COLOUR + LABEL))
    lower.ticks([x.fraction(tick.position) for tick in x.ticks], [tick.label for tick in x.ticks])
    left.ticks(
        [y.fraction(tick.position) for tick in y.ticks],
        [tick.label.rjust(gutter)[:gutter] for tick in y.ticks],
    )


def place(line: Line, x: Axis, y: Axis) -> PlacedLine:
    """``line`` on these axes; on a logarithmic one it breaks where it is at zero or below."""
    columns: list[float] = []
    heights: list[float] = []
    pieces = [(columns, heights)]
    for step, loss in zip(line.steps, line.losses, strict=True):
        column, height = x.place(step), y.place(loss)
        if column is not None and height is not None:
            columns.append(column)
            heights.append(height)
        elif y.log and loss <= 0:
            columns, heights = [], []
            pieces.append((columns, heights))
    return PlacedLine([piece for piece in pieces if piece[0]], line.dotted, line.faint)


def _add(piece: Piece, glyph: str, ink: Ink) -> None:
    columns, heights = piece
    glyph = "braille" if glyph == OCTANT else glyph
    if len(columns) == 1 and glyph == "braille":
        glyph = "dot"  # a single dot of the eight in a cell is easily overlooked
    plotext = _plotext()
    marker = plotext.marker(glyph, plotext.pixel(_INK_COLOUR + ink))
    plotext.figure.draw(plotext.figure.signal(columns, heights, marker=marker).lines())


@lru_cache(maxsize=1024)
def _parse(text: str) -> InkedRow:
    """Split a line of plotext's terminal output at its colours; its backgrounds are dropped.

    Blanks join a neighbour: a blank shows no colour, and fewer pieces are fewer bytes.
    """
    pieces: list[tuple[Ink, str]] = []
    ink = BLANK
    for part in text.split("\x1b["):
        code, _, glyphs = part.partition("m")
        if code == "0":
            ink = BLANK
        elif code.startswith("38;5;"):
            ink = int(code[5:]) - _INK_COLOUR
        if not glyphs:
            continue
        if pieces and (ink in (BLANK, pieces[-1][0]) or not glyphs.strip()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + glyphs)
        elif len(pieces) == 1 and not pieces[0][1].strip():
            pieces[0] = (ink, pieces[0][1] + glyphs)
        else:
            pieces.append((ink, glyphs))
    return tuple(pieces)
