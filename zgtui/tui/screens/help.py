"""The help screen: every key, what it does, and a way to do it by click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option


class HelpScreen(ModalScreen[str | None]):
    """Lists ``keys`` as (display, action, tooltip) below ``introduction``.

    The result is the action chosen, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "close", id="close-help")
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > Vertical {
            width: 76;
            max-width: 100%;
            height: 100%;
            max-height: 34;
            border: round $primary;
            border-title-color: $primary;
            border-subtitle-color: $foreground 60%;
            background: $surface;
            padding: 0 1;
        }
        & Static { height: auto; margin-bottom: 1; color: $foreground 80%; }
        & OptionList, & OptionList:focus {
            border: none; height: 1fr; background: $surface; padding: 0;
        }
    }
    """

    def __init__(self, keys: Sequence[tuple[str, str, str]], introduction: str) -> None:
        super().__init__()
        self._keys = keys
        self._introduction = introduction

    def compose(self) -> ComposeResult:
        """What the app is about, then the keys."""
        with Vertical() as box:
            box.border_title = "zgtui: keys"
            box.border_subtitle = "enter or click does it, escape closes"
            yield Static(self._introduction, markup=False)
            yield OptionList(
                *(
                    Option(Text.assemble((f"{display:>7}", "bold"), f"  {tooltip}"), id=action)
                    for display, action, tooltip in self._keys
                )
            )

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Close, and do what was chosen."""
        self.dismiss(event.option.id)
