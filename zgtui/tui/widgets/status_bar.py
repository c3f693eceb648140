"""The line at the top: what is trained, where, and how far it is."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static


class StatusBar(Horizontal):
    """Settings at the left, progress at the right."""

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $panel;
        & > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .settings { width: 1fr; padding: 0 1; }
        & > .progress { width: auto; padding: 0 1; }
    }
    """

    def compose(self) -> ComposeResult:
        """Two texts in one line."""
        yield Static(classes="settings")
        yield Static(classes="progress")

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        self._shown = ("", "")

    def show(self, settings: str, progress: str) -> None:
        """Show both texts; costs nothing where they are shown already."""
        if (settings, progress) == self._shown:
            return
        before, self._shown = self._shown, (settings, progress)
        if before[0] != settings:
            self.query_one(".settings", Static).update(
                Text.assemble(("zgtui", "bold"), "  ", settings)
            )
        if before[1] != progress:
            self.query_one(".progress", Static).update(Text(progress))
