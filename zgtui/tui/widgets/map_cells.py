"""A stability map in coloured half blocks, two cells a character, with a cursor on one of them."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from zgtui.charts.colours import OUTCOME_COLOURS
from zgtui.charts.heat_map import LABEL_COLUMNS, LETTERS, axis_line, row_label
from zgtui.theory.stability_map import Outcomes, StabilityMap

MAX_COLUMNS, MAX_ROWS = 100, 60
LEFT = LABEL_COLUMNS + 1
"""Columns left of the cells."""
CURSOR = "#ffffff"
CURSOR_ON_LIGHT = "#000000"
"""On the yellow of what is bounded, white would not be seen."""


class HeatMap(Widget, can_focus=True):
    """Shows ``made``; ``theory`` shows what is predicted instead of what was measured."""

    made: reactive[StabilityMap | None] = reactive(None)
    theory = reactive(default=False)
    cursor: reactive[tuple[int, int]] = reactive((0, 0))
    """Row, from the lowest, and column."""

    class DoubleClicked(Message):
        """The cell under the cursor was clicked twice."""

    class Resized(Message):
        """There is room for another number of cells."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii = ascii_only

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows of cells that fit; zeros before the first layout."""
        columns = min(MAX_COLUMNS, self.size.width - LEFT - 1)
        rows = min(MAX_ROWS, (self.size.height - 1) * (1 if self._ascii else 2))
        return max(0, columns), max(0, rows)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        del viewport
        return container.width

    def on_resize(self) -> None:
        """Another size has other cells."""
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the cell; a second click selects it."""
        made = self.made
        if made is None:
            return
        column = event.x - LEFT
        line = event.y
        row = self._lowest_of(line, made) + (0 if self._ascii else 1)
        if not (0 <= column < made.grid.columns and row >= 0):
            return
        cell = min(row, made.grid.rows - 1), column
        if cell == self.cursor and event.chain > 1:
            self.post_message(self.DoubleClicked())
        self.cursor = cell

    def _lines(self, made: StabilityMap) -> int:
        return made.grid.rows if self._ascii else (made.grid.rows + 1) // 2

    def _lowest_of(self, line: int, made: StabilityMap) -> int:
        """The lower row of the cells on ``line``, counted from the top."""
        below = self._lines(made) - 1 - line
        return below if self._ascii else 2 * below

    def render_line(self, y: int) -> Strip:
        """One line of cells with its label, the axis below them, or nothing."""
        made = self.made
        if made is None or y > self._lines(made):
            return Strip.blank(self.size.width, self.rich_style)
        if y == self._lines(made):
            line = f"{'':{LEFT}}{axis_line(made.grid.columns)}"
            return self._strip([Segment(line, self.rich_style)])
        lower = self._lowest_of(y, made)
        # The highest row ends what the map is about: it is named, not the one below it.
        label = row_label(made.grid, made.grid.rows - 1 if y == 0 else lower)
        segments = [Segment(f"{label:>{LABEL_COLUMNS}} ", self.rich_style)]
        cell = self._letter if self._ascii else self._halves
        segments += [cell(made, lower, column) for column in range(made.grid.columns)]
        return self._strip(segments)

    def _strip(self, segments: list[Segment]) -> Strip:
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _letter(self, made: StabilityMap, row: int, column: int) -> Segment:
        letter = LETTERS[self._outcomes(made)[row][column]]
        here = self.cursor == (row, column)
        return Segment(letter, self.rich_style + Style(reverse=here))

    def _halves(self, made: StabilityMap, row: int, column: int) -> Segment:
        upper = self._colour(made, row + 1, column)
        lower = self._colour(made, row, column)
        if upper is None:
            return Segment("▄", self.rich_style + Style(color=lower))
        return Segment("▀", Style(color=upper, bgcolor=lower))

    def _colour(self, made: StabilityMap, row: int, column: int) -> str | None:
        outcomes = self._outcomes(made)
        if row >= len(outcomes):
            return None
        outcome = outcomes[row][column]
        if self.cursor == (row, column):
            return CURSOR_ON_LIGHT if outcome == "bounded" else CURSOR
        return OUTCOME_COLOURS[outcome]

    def _outcomes(self, made: StabilityMap) -> Outcomes:
        return made.predicted if self.theory else made.outcomes
