"""The list of all keys, which can be searched, below what the screen and its pane are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from zgtui.tui.screens.dialogs import FilteredDialog
from zgtui.tui.widgets.choices import Choices
from zgtui.tui.widgets.text_input import TextInput

HINTS = (
    "Enter or click: run · /: search · Esc: close",
    "Enter: run · /: find · Esc: close",
    "Enter: run · Esc: close",
    "Esc: close",
)
"""What stands at the lower edge, the longest that there is room for."""
WIDTH, BORDER = 76, 6
"""Columns of the box, and of its edges, which hold no text."""
ALIGNED = 50
"""With so many columns the words of most keys stand on one line beside them."""


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
    DEFAULT_CSS = f"""
    HelpScreen {{
        & > Vertical {{
            width: {WIDTH};
            max-width: 100%;
            height: 100%;
            max-height: 34;
            border-subtitle-color: $foreground 70%;
        }}
        & .about {{ height: auto; margin-bottom: 1; color: $foreground 80%; }}
        /* Else it would leave none to the keys. */
        &.-short .about, &.-tiny .about {{ display: none; }}
        & Input {{ display: none; }}
        & OptionList, & OptionList:focus {{ height: 1fr; max-height: 100%; padding: 0; }}
    }}
    """

    def __init__(self, keys: Sequence[tuple[str, Binding]], introduction: str) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self._keys = keys
        self._aligned = True
        self._introduction = introduction

    def compose(self) -> ComposeResult:
        """What the app is about, then the keys."""
        with Vertical() as box:
            box.border_title = "zgtui: keys"
            yield Static(self._introduction, markup=False, classes="about")
            yield TextInput(placeholder="search the keys")
            yield Choices(*self.options(""))
            yield self.foot("")

    def on_mount(self) -> None:
        """The list has the keyboard until something is searched."""
        self.query_one(Choices).focus()

    def on_resize(self) -> None:
        """Say as much as there is room for, and begin each key's words below those before."""
        room = min(self.size.width, WIDTH) - BORDER
        hint = next((one for one in HINTS if cell_len(one) <= room), HINTS[-1])
        self.query_one(Vertical).border_subtitle = self.clickable(hint)
        if self._aligned != (room >= ALIGNED):
            self._aligned = room >= ALIGNED
            self.show_fitting(self.query_one(Input).value)

    def options(self, typed: str) -> list[Option]:
        """The keys whose words hold each of those ``typed``."""
        words = typed.lower().split()
        width = max(len(display) for display, _ in self._keys) if self._aligned else 0
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

    def chosen(self, identifier: str | None) -> None:
        """Close with the choice, but where it is to show all keys, which it does."""
        if identifier != "app.help":
            super().chosen(identifier)

    def nothing_fits(self, typed: str) -> str:
        """No key is for that."""
        return f"No key matches {typed!r}."
