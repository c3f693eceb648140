"""The keys at the bottom: those that matter, as many as there is room for."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.widgets import Button, Input

from zgtui.tui.keys import KEYS, PLACES, KeyPlace, bindings
from zgtui.tui.widgets.key_footer import KeyFooter, Placed


class Answer(Button):
    BINDINGS: ClassVar[list[BindingType]] = [("y", "press", "Answer")]


class Form(App[None]):
    """A line to type into, a button with a key of its own, and a key that may be off."""

    BINDINGS: ClassVar[list[BindingType]] = [("f1", "help", "Help"), ("f2", "save", "Save")]
    can_save = True
    saved = 0

    def compose(self) -> ComposeResult:
        yield Input()
        yield Answer()
        yield KeyFooter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "save" and not self.can_save else True

    def action_save(self) -> None:
        """Count it."""
        self.saved += 1


def shown(pilot: Pilot[None]) -> dict[str, Placed]:
    """What is placed, by its words."""
    return {one.key.description: one for one in pilot.app.query_one(KeyFooter).placed}


def line(app: App[None]) -> str:
    """What is written at the bottom."""
    return app.query_one(KeyFooter).render().plain


async def test_the_keys_of_what_has_the_focus_come_and_go() -> None:
    async with Form().run_test() as pilot:
        await pilot.pause()
        assert set(shown(pilot)) == {"Help", "Save"}
        await pilot.press("tab")
        await pilot.pause()
        assert set(shown(pilot)) == {"Answer", "Help", "Save"}
        await pilot.press("tab")
        await pilot.pause()
        assert set(shown(pilot)) == {"Help", "Save"}


async def test_a_click_presses_the_key_unless_it_does_nothing_now() -> None:
    app = Form()
    async with app.run_test() as pilot:
        await pilot.pause()
        save = shown(pilot)["Save"]
        for column in (save.column, save.column + save.width - 1, save.column + save.width):
            await pilot.click(KeyFooter, offset=(column, 0))
        await pilot.pause()
        assert app.saved == 2
        app.can_save = False
        app.refresh_bindings()
        await pilot.pause()
        save = shown(pilot)["Save"]
        assert not save.key.enabled
        await pilot.click(KeyFooter, offset=(save.column, 0))
        await pilot.pause()
        assert app.saved == 2


class Keys(App[None]):
    """All keys of a place."""

    def __init__(self, place: KeyPlace) -> None:
        super().__init__()
        for key in bindings(place):
            self._bindings.key_to_bindings.setdefault(key.key.split(",")[0], []).append(key)

    def compose(self) -> ComposeResult:
        yield KeyFooter()


@pytest.mark.parametrize("width", [8, 20, 40, 80, 120, 200, 400])
@pytest.mark.parametrize("place", PLACES)
async def test_it_fills_the_width_and_the_way_out_stays(place: KeyPlace, width: int) -> None:
    usual = {key.action for key in bindings(place) if key.show}
    wide = {key.name for key in KEYS if key.wide}
    everything = {key.action for key in bindings(place) if key.show or key.id in wide}
    app = Keys(place)
    async with app.run_test(size=(width, 5)) as pilot:
        await pilot.pause()
        placed = app.query_one(KeyFooter).placed
        actions = {one.key.action for one in placed}
        assert placed[-1].end <= width
        assert len(line(app)) == placed[-1].end
        if width >= 20:
            assert {"app.help", "app.quit"} <= actions
        if width >= 80:
            assert usual <= actions
        if width < 80:
            assert actions <= usual
        if width == 400:
            assert actions == everything


async def test_neighbours_with_one_word_in_common_say_it_once() -> None:
    app = Keys("train")
    async with app.run_test(size=(80, 5)) as pilot:
        await pilot.pause()
        assert "-+ lr " in line(app)
