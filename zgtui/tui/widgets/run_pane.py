"""One run on the screen: title, chart, loss and state."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Digits, Static

from zgtui.config.settings import RunName
from zgtui.tui.widgets.chart import LossChart


@dataclass(frozen=True)
class RunView:
    """What a pane shows of its run, in words."""

    title: str
    loss: str
    lr: str
    state: str
    accuracy: str = ""
    alarming: bool = False
    big: str = ""
    """The loss again, in characters that large digits are made of."""
    badge: str = ""
    """What it started from and where, as short hashes."""
    apart: bool = False
    """Whether the runs started from different weights."""
    name: str = ""
    """Before the numbers, where there is no room for a title."""


class RunPane(Vertical, can_focus=True):
    """A run's pane. It can be focused, by tab or click: keys for one run then mean this one."""

    DEFAULT_CSS = """
    RunPane {
        width: 1fr;
        height: 1fr;
        border: round $foreground 25%;
        padding: 0;
        border-subtitle-color: $foreground 60%;
        &.-apart { border-subtitle-color: $error; border-subtitle-style: bold; }
        &:focus { border-title-style: bold; }
        & > .big { display: none; height: 3; padding: 0 1; }
        & > .caption {
            height: 1; width: 1fr; padding: 0 0 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        }
    }
    """

    def __init__(self, name: RunName) -> None:
        super().__init__(id=f"run-{name}")
        self.run: RunName = name
        self.chart = LossChart()
        self._view: RunView | None = None

    def compose(self) -> ComposeResult:
        """Chart, then two lines: the numbers and the state."""
        yield Digits(classes="big")
        yield self.chart
        yield Static(classes="caption numbers")
        yield Static(classes="caption state")

    def show(self, view: RunView) -> None:
        """Show ``view``; costs nothing where it is the one already shown."""
        if view == self._view:
            return
        before, self._view = self._view, view
        if before is None or before.title != view.title:
            self.border_title = view.title
        if before is None or (before.badge, before.apart) != (view.badge, view.apart):
            self.border_subtitle = view.badge
            self.set_class(view.apart, "-apart")
        self.query_one(Digits).update(view.big)
        numbers = Text.assemble(
            (view.name, "bold"), "loss ", (view.loss, "bold"), f"   lr {view.lr}"
        )
        if view.accuracy:
            numbers.append(f"   right {view.accuracy}")
        self.query_one(".numbers", Static).update(numbers)
        if before is None or (before.state, before.alarming) != (view.state, view.alarming):
            state = self.query_one(".state", Static)
            state.update(Text(view.state))
            state.set_class(view.alarming, "alarming")
