"""The list of all keys, which can be searched, below what the screen and its pane are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label, Static
from textual.widgets.option_list import Option

from zgtui.tui.screens.dialogs import FilteredDialog
from zgtui.tui.widgets.choices import Choices
from zgtui.tui.widgets.text_input import TextInput


class HelpScreen(FilteredDialog):
    """Lists ``keys`` as (display, binding) below ``introduction``; the result is an action."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "dismiss", "close", id="close-help", tooltip="Close help"),
        # Obeyed where it comes in: what is typed right after it is for the field.
        Binding(
            "slash", "search", "search", id="search-help", tooltip="Search the keys", priority=True
        ),
        Binding("down", "move('cursor_down')", "next", show=False, id="next-key"),
        Binding("up", "move('cursor_up')", "previous", show=False, id="previous-key"),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        & > Vertical {
            width: 76;
            max-width: 100%;
            height: 100%;
            max-height: 34;
            border-subtitle-color: $foreground 70%;
        }
        & Static { height: auto; margin-bottom: 1; color: $foreground 80%; }
        &.-short Static { display: none; }  /* else it would leave none to the keys */
        & Label { margin: 0; }
        & Input { display: none; }
        & OptionList, & OptionList:focus { height: 1fr; max-height: 100%; padding: 0; }
    }
    """

    def __init__(self, keys: Sequence[tuple[str, Binding]], introduction: str) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
        self._keys = keys
        self._introduction = introduction

    def compose(self) -> ComposeResult:
        """What the app is about, then the keys."""
        with Vertical() as box:
            box.border_title = "zgtui: keys"
            box.border_subtitle = self.clickable("Enter or click: run · /: search · Esc: close")
            yield Static(self._introduction, markup=False)
            yield TextInput(placeholder="search the keys")
            yield Choices(*self.options(""))
            yield Label("", classes="problem", markup=False)

    def on_mount(self) -> None:
        """The list has the keyboard until something is searched."""
        self.query_one(Choices).focus()

    def options(self, typed: str) -> list[Option]:
        """The keys whose words hold each of those ``typed``."""
        words = typed.lower().split()
        width = max(len(display) for display, _ in self._keys)
        return [
            Option(
                Text.assemble((f"{display:>{width}}", "bold"), f"  {self.text(key.tooltip)}"),
                id=key.action,
            )
            for display, key in self._keys
            if all(word in f"{key.description} {key.tooltip}".lower() for word in words)
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the field itself a slash is a letter."""
        if action == "search":
            return self.focused is not self.query_one(Input)
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """Ask what to look for."""
        field = self.query_one(Input)
        field.display = True
        self.set_focus(field)

    def nothing_fits(self, typed: str) -> str:
        """No key is for that."""
        return f"No key does {typed!r}."
