"""The explanation: as many of its lines as there is room for, each of them whole."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from zgtui.charts.words import ascii_text

MORE = "…"
"""Says that there is more."""


def more_of(widget: Widget) -> str:
    """That sign in letters that the terminal of ``widget`` has."""
    return ascii_text(MORE) if widget.app.has_class("-ascii") else MORE


class ExplanationPane(Static):
    """Shows ``lines``, what matters most first."""

    DEFAULT_CSS = """
    ExplanationPane {
        width: 1fr;
        height: 100%;
        min-height: 7;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        padding: 0 1;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="notes", markup=False)
        self.border_title = "explanation"
        self._lines: list[str] = []

    def show(self, lines: Sequence[str]) -> None:
        """Show ``lines``; costs nothing where they are shown already."""
        if list(lines) != self._lines:
            self._lines = list(lines)
            self._fit()

    def on_resize(self) -> None:
        """There may be room for more, or for less."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.content_size
        text = "\n".join(fitting(self._lines, width, height, more_of(self)))
        if text != self.content:
            self.update(text, layout=False)  # its size is what the screen leaves it


def fitting(lines: Sequence[str], width: int, height: int, more: str = MORE) -> list[str]:
    """The first of ``lines`` that fit, wrapped at words, into the room.

    Of the first one there is always as much as fits, and ``more`` where that is not all.
    """
    shown: list[str] = []
    rows = 0
    for line in lines:
        rows += rows_taken(line, width)
        if shown and rows > height:
            break
        shown.append(line)
    if shown and 0 < height < rows_taken(shown[0], width):
        words = shown[0].split(" ")
        while len(words) > 1 and rows_taken(" ".join([*words, more]), width) > height:
            words.pop()
        shown = [" ".join([*words, more])]
    return shown


def rows_taken(line: str, width: int) -> int:
    """The rows of ``line``, wrapped at words; one that is too long is broken."""
    rows, column = 1, 0
    for word in line.split(" "):
        length = cell_len(word)
        if column and column + 1 + length > width:
            rows, column = rows + 1, length
        else:
            column += length + bool(column)
        if 0 < width < column:
            rows, column = rows + (column - 1) // width, (column - 1) % width + 1
    return rows


CAPTION_LINES = 2


class Banner(Horizontal):
    """A caption of at most CAPTION_LINES rows at the left, a key with what it does at the right."""

    DEFAULT_CSS = """
    Banner {
        height: 2;
        & > .caption { width: 1fr; height: 2; padding: 0 1; text-style: bold; }
        & > .echo { width: auto; max-width: 40%; height: 2; padding: 0 1; text-align: right; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._caption = Static(classes="caption", markup=False)
        self._echo = Static(classes="echo", markup=False)

    def compose(self) -> ComposeResult:
        """Two texts."""
        yield self._caption
        yield self._echo

    def show(self, lines: Sequence[str]) -> None:
        """Show the first of ``lines`` that there is room for."""
        if list(lines) != self._lines:
            self._lines = list(lines)
            self._fit()

    def echo(self, key: str, what: str) -> None:
        """Show the key pressed last and what it does."""
        text = Text.assemble((f" {key} ", "reverse"), f"\n{what}")
        self._echo.update(text, layout=self.display)  # nothing is laid out for what nobody sees
        if self.display:
            self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """There may be room for more, or for less."""
        self._fit()

    def _fit(self) -> None:
        width = self._caption.content_size.width
        shown = "\n".join(fitting(self._lines, width, CAPTION_LINES, more_of(self)))
        self._caption.update(shown, layout=False)  # its size is what the echo leaves it
