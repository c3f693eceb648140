"""One chart of a table on the screen: title, curves, a legend below them, the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from zgtui.tui.widgets.chart import LossChart

Words = tuple[tuple[str, str], ...]
"""Texts with their styles; a style is a colour, ``bold`` or nothing."""


@dataclass(frozen=True)
class SeriesView:
    """What a pane shows beside its curves, in words."""

    title: str
    numbers: Words
    state: str
    alarming: bool = False


class SeriesPane(Vertical, can_focus=True):
    """A chart with its words below it, where they never cover a curve."""

    DEFAULT_CSS = """
    SeriesPane {
        width: 1fr;
        height: 1fr;
        border: round $foreground 25%;
        border-title-color: $foreground 85%;
        padding: 0;
        &:focus { border: heavy $primary; border-title-color: $primary; border-title-style: bold; }
        & > .caption { width: 1fr; padding: 0 0 0 1; }
        & > .numbers { height: auto; max-height: 3; }
        & > .state { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .alarming { color: $error; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.chart = LossChart()
        self._numbers = Static(classes="caption numbers")
        self._state = Static(classes="caption state")
        self._view: SeriesView | None = None

    def compose(self) -> ComposeResult:
        """Chart, then the numbers, which are its legend, and the state."""
        yield self.chart
        yield self._numbers
        yield self._state

    def show(self, view: SeriesView) -> None:
        """Show ``view``; costs nothing where it is the one already shown."""
        before, self._view = self._view, view
        if view == before:
            return
        self.border_title = view.title.replace("[", "\\[")
        if before is None or before.numbers != view.numbers:
            self._numbers.update(Text.assemble(*view.numbers))
        if before is None or (before.state, before.alarming) != (view.state, view.alarming):
            self._state.update(Text(view.state))
            self._state.set_class(view.alarming, "alarming")
