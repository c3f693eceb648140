"""The line at the top: what is trained, where, and how far it is."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

SPARE = 3
"""Columns at the right of the settings that may stay empty: to lay out the screen costs more."""


class StatusBar(Horizontal):
    """Settings at the left, progress at the right.

    Where there is no room for all settings, the last ones are left out, each as a whole. A click
    on the name shows all keys, also where no other line does.
    """

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $panel;
        & > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .settings {
            width: 1fr; padding: 0 1;
            link-color: $foreground; link-style: bold; link-color-hover: $foreground;
            link-background-hover: $block-hover-background; link-style-hover: bold;
        }
        & > .progress { width: auto; padding: 0 1; text-align: right; }
    }
    """
    _NAME = "zgtui"

    def __init__(self, separator: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._separator = separator
        self._settings: tuple[str, ...] = ()
        self._shown = ""
        self._progress = ""
        self._left, self._right = Static(classes="settings"), Static(classes="progress")

    def compose(self) -> ComposeResult:
        """Two texts in one line."""
        yield self._left
        yield self._right

    def show(self, settings: tuple[str, ...], progress: str) -> None:
        """Show the settings, what matters most first; costs nothing where all is shown already."""
        if (settings, progress) != (self._settings, self._progress):
            self._settings, self._progress = settings, progress
            self._fit()

    def on_resize(self) -> None:
        """There may be room for more, or for less."""
        self._fit()

    def _fit(self) -> None:
        progress = self._progress
        # The last part goes first; what is one sentence is cut, never left out.
        while " · " in progress and len(progress) + 2 > self.size.width > 0:
            progress = progress.rpartition(" · ")[0]
        # The number of steps a second is now a digit longer, now shorter: that moves nothing.
        room = self._right.content_size.width
        moves = not room - SPARE <= cell_len(progress) <= room
        self._right.update(Text(progress), layout=moves)
        room = self.size.width - (cell_len(progress) if moves else room) - 4
        parts = list(self._settings)
        text = self._joined(parts)
        while parts and len(text) > room:
            parts.pop()
            text = self._joined(parts)
        self._left.display = len(text) <= room
        if text != self._shown:
            self._shown = text
            name = Text(text)
            name.stylize("bold", 0, len(self._NAME))
            name.apply_meta({"@click": "app.help"}, 0, len(self._NAME))
            self._left.update(name, layout=False)

    def _joined(self, parts: list[str]) -> str:
        return f"{self._NAME}  {self._separator.join(parts)}".rstrip()
