"""The line at the top: what is trained, where, and how far it is."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

SPARE = 3
"""Columns at the right of the settings that may stay empty: a setting would come and go."""
EDGES = 4
"""Columns at both sides of the settings, and of the progress, that stay empty."""


class StatusBar(Widget):
    """Settings at the left, progress at the right.

    Where there is no room for all settings, the last ones are left out, each as a whole. A click
    on the name shows all keys, also where no other line does. It is one widget: with one for
    each side the screen is laid out twice where the progress takes another width.
    """

    DEFAULT_CSS = """
    StatusBar {
        width: 1fr; height: 1;
        background: $panel;
        text-wrap: nowrap; text-overflow: clip;
        link-color: $foreground; link-style: bold; link-color-hover: $foreground;
        link-background-hover: $block-hover-background; link-style-hover: bold;
    }
    """
    _NAME = "zgtui"

    settings: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())
    """What matters most first."""
    progress: reactive[str] = reactive("")

    def __init__(self, separator: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._separator = separator
        self._room = 0
        """Columns that the progress has."""

    def show(self, settings: tuple[str, ...], progress: str) -> None:
        """Show the settings, what matters most first; costs nothing where all is shown already."""
        self.settings, self.progress = settings, progress

    @property
    def told(self) -> str:
        """The progress without the last parts that there is no room for; a sentence stays."""
        told = self.progress
        while " · " in told and len(told) + 2 > self.size.width > 0:
            told = told.rpartition(" · ")[0]
        return told

    def render(self) -> Text:
        """One line."""
        told = self.told
        # The number of steps a second is now a digit longer, now shorter: that moves nothing.
        if not self._room - SPARE <= cell_len(told) <= self._room:
            self._room = cell_len(told)
        room = self.size.width - self._room - EDGES
        parts = list(self.settings)
        while parts and len(self._joined(parts)) > room:
            parts.pop()
        left = self._joined(parts)
        if len(left) > room:
            return Text(f" {told}"[: self.size.width])
        line = Text(f" {left}".ljust(self.size.width - cell_len(told) - 1) + told)
        line.stylize("bold", 1, 1 + len(self._NAME))
        line.apply_meta({"@click": "app.help"}, 1, 1 + len(self._NAME))
        return line

    def _joined(self, parts: list[str]) -> str:
        return f"{self._NAME}  {self._separator.join(parts)}".rstrip()
