"""A line to type in: many keys at once do what they do one after the other."""

from __future__ import annotations

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.widgets import Input

from tests.tui.hands import burst
from zgtui.tui.widgets.text_input import TextInput


class OneLine(App[None]):
    """Keeps what was submitted."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []

    def compose(self) -> ComposeResult:
        yield TextInput("losses.csv")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["ctrl+u", *"ab"], "ab"),
        (["end", "backspace", *"xy", "backspace"], "losses.csx"),
        (["home", "delete", *"L", "right", *"_"], "Lo_sses.csv"),
        (["ctrl+u", *"a b", "left", "left", *"x"], "ax b"),
    ],
)
async def test_keys_that_come_at_once_are_obeyed_in_their_order(keys: list[str], text: str) -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        burst(app, ["space" if key == " " else key for key in keys])
        await pilot.pause()
        assert app.query_one(Input).value == text


async def test_what_is_typed_after_enter_is_not_submitted() -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        burst(app, ["ctrl+u", *"one", "enter", *"two", "enter"])
        await pilot.pause()
        assert app.submitted == ["one", "onetwo"]
