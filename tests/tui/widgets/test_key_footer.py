"""The keys at the bottom: built once, and again when they are others."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.widgets import Button, Input
from textual.widgets._footer import FooterKey

from zgtui.tui.widgets.key_footer import KeyFooter


class Answer(Button):
    BINDINGS: ClassVar[list[BindingType]] = [("y", "press", "Answer")]


class Form(App[None]):
    """Two lines to type into, a button with a key of its own, and a key that may be off."""

    BINDINGS: ClassVar[list[BindingType]] = [("f1", "help", "Help"), ("f2", "save", "Save")]
    can_save = True

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")
        yield Answer()
        yield KeyFooter(show_command_palette=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "save" and not self.can_save else True

    def action_save(self) -> None:
        """Has something to be bound to."""


async def keys(pilot: Pilot[None]) -> list[FooterKey]:
    """The keys shown once everything has been drawn."""
    await pilot.pause()
    await pilot.pause()
    return list(pilot.app.query(FooterKey))


async def test_keys_that_stay_the_same_are_not_built_anew() -> None:
    async with Form().run_test() as pilot:
        before = await keys(pilot)
        assert [key.description for key in before] == ["Help", "Save"]
        await pilot.press("tab")
        assert pilot.app.query_one("#second").has_focus
        assert await keys(pilot) == before


async def test_other_keys_are_shown_and_go_again() -> None:
    async with Form().run_test() as pilot:
        await pilot.press("tab", "tab")
        assert {key.description for key in await keys(pilot)} == {"Answer", "Help", "Save"}
        await pilot.press("tab")
        assert {key.description for key in await keys(pilot)} == {"Help", "Save"}


async def test_a_key_that_does_nothing_now_is_shown_so() -> None:
    app = Form()
    async with app.run_test() as pilot:
        await keys(pilot)
        app.can_save = False
        app.refresh_bindings()
        _, save = await keys(pilot)
        assert save.has_class("-disabled")
