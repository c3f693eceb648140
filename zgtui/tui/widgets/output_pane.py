"""What one run's script prints, the newest lines in sight."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from zgtui.settings import RunName


class OutputPane(VerticalScroll, can_focus=False):
    """Follows the end of the output unless it was scrolled away from there."""

    DEFAULT_CSS = """
    OutputPane {
        width: 1fr;
        height: 1fr;
        border: round $foreground 25%;
        border-title-color: $foreground 70%;
        scrollbar-size-vertical: 1;
        & > Static { width: 1fr; height: auto; }
    }
    """

    def __init__(self, name: RunName) -> None:
        super().__init__(id=f"output-{name}")
        self.border_title = f"output of {name}"
        self._shown = ""

    def compose(self) -> ComposeResult:
        """One text, as long as it is."""
        yield Static()

    def show(self, text: str) -> None:
        """Show ``text``; costs nothing where it is the one already shown."""
        if text == self._shown:
            return
        self._shown = text
        at_end = self.scroll_offset.y >= self.max_scroll_y
        self.query_one(Static).update(Text(text))
        if at_end:
            self.scroll_end(animate=False)
