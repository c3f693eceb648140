"""What is seen and why: as many of its lines as there is room for, each of them whole."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widgets import Static


class WhyPane(Static):
    """Shows ``lines``, what matters most first."""

    DEFAULT_CSS = """
    WhyPane {
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
        self.border_title = "what it means"
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
        text = "\n".join(fitting(self._lines, width, height))
        if text != self.content:
            self.update(text)


def fitting(lines: Sequence[str], width: int, height: int) -> list[str]:
    """The first of ``lines`` that fit, wrapped at words, into the room; always the first one."""
    shown: list[str] = []
    rows = 0
    for line in lines:
        rows += _rows(line, width)
        if shown and rows > height:
            break
        shown.append(line)
    return shown


def _rows(line: str, width: int) -> int:
    rows, column = 1, 0
    for word in line.split(" "):
        length = cell_len(word)
        if column and column + 1 + length > width:
            rows, column = rows + 1, length
        else:
            column += length + bool(column)
    return rows
