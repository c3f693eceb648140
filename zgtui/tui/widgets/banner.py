"""For an audience, at the top: what is seen and why, and the key that was pressed last."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from zgtui.tui.widgets.why_pane import fitting

LINES = 2


class Banner(Horizontal):
    """A caption of at most LINES rows at the left, a key with what it does at the right."""

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

    def compose(self) -> ComposeResult:
        """Two texts."""
        yield Static(classes="caption", markup=False)
        yield Static(classes="echo", markup=False)

    def show(self, lines: Sequence[str]) -> None:
        """Show the first of ``lines`` that there is room for."""
        if list(lines) != self._lines:
            self._lines = list(lines)
            self._fit()

    def echo(self, key: str, what: str) -> None:
        """Show the key pressed last and what it does."""
        self.query_one(".echo", Static).update(Text.assemble((f" {key} ", "reverse"), f"\n{what}"))
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """There may be room for more, or for less."""
        self._fit()

    def _fit(self) -> None:
        caption = self.query_one(".caption", Static)
        caption.update("\n".join(fitting(self._lines, caption.content_size.width, LINES)))
