"""Several answers to one question, all given before the first has closed it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.geometry import Offset
from textual.widgets import OptionList

from tests.support.tables import tidy_table
from tests.tui.docs_stage import reading
from tests.tui.hands import Press, burst
from tests.tui.map_stage import open_map
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import running_app
from tests.tui.view_stage import viewing
from tests.tui.waiting import until
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.worker.protocol import Start

ENTER, ESCAPE = ("enter",) * 3, ("escape",) * 3
BESIDE = ((0, 0),) * 3
either_way = pytest.mark.parametrize("answers", [(*ENTER, *ESCAPE), BESIDE], ids=["keys", "clicks"])


async def each_answered_once(app: App[Any], keys: Iterable[str], answers: Sequence[Press]) -> None:
    """Press each of ``keys``, answer what it asks several times at once; leave at the end."""
    for key in keys:
        burst(app, [key])
        await until(app, lambda: app.screen.is_modal and app.screen.focused, f"{key} asks nothing")
        asked = app.screen
        burst(app, answers)
        await until(app, lambda: asked not in app.screen_stack, f"{key} still asks")  # noqa: B023
        assert app.screen_stack[0] is app.get_default_screen()
        while app.screen.is_modal:  # one question may lead to another one
            burst(app, ["escape"])
            await asyncio.sleep(0.01)
    burst(app, ["escape", "q", "q"])
    await until(app, lambda: not app.is_running, "it does not end")


def place_of(screen: str, text: str) -> tuple[int, int]:
    """The column and the row at which ``text`` first stands."""
    lines = enumerate(screen.splitlines())
    return next((line.index(text), row) for row, line in lines if text in line)


@either_way
async def test_a_question_of_train_is_answered_once(answers: Sequence[Press], folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        keys = ["g", "o", "d", "l", "K", "x", "v", "L", "question_mark", "ctrl+p"]
        await each_answered_once(stage.app, keys, answers)


@either_way
async def test_a_question_of_view_is_answered_once(answers: Sequence[Press], folder: Path) -> None:
    tables = [tidy_table(folder / name, 40) for name in ("one.csv", "two.csv")]
    async with viewing(*tables) as viewer:
        keys = ["e", "question_mark", "ctrl+p"]
        await each_answered_once(viewer.app, keys, answers)


@either_way
async def test_a_question_of_docs_is_answered_once(answers: Sequence[Press]) -> None:
    async with reading("view") as reader:
        await each_answered_once(reader.app, ["T", "ctrl+p"], answers)


@either_way
async def test_a_question_of_run_is_answered_once(answers: Sequence[Press], folder: Path) -> None:
    async with running_scripts(folder) as stage:
        await each_answered_once(stage.app, ["e", "question_mark", "ctrl+p"], answers)


@pytest.mark.parametrize("key", ["l", "K", "question_mark"])
async def test_a_hint_clicked_again_while_its_dialog_goes_does_nothing_more(
    key: str, folder: Path
) -> None:
    async with running_app(folder.parent, size=(120, 40)) as stage:
        await stage.train(5)
        for_help = place_of(stage.text, "? help")
        burst(stage.app, [key])
        await stage.shows("Esc: ")
        await stage.pilot.pause()
        burst(stage.app, [place_of(stage.text, "Esc: ")] * 3)
        await until(stage.app, lambda: not stage.app.screen.is_modal, "the dialog stays")
        burst(stage.app, [for_help])  # at once, while the dialog is being taken away
        await until(stage.app, lambda: stage.app.screen.is_modal, "the click for help is lost")
        assert isinstance(stage.app.screen, HelpScreen)
        await until(stage.app, lambda: stage.app.screen.query(OptionList), "an empty list of keys")


@pytest.mark.parametrize("answers", [ENTER, ESCAPE, ("M", "M", "M"), (*ENTER, "M", *ESCAPE)])
async def test_a_map_is_closed_once_and_opens_one_cell(
    answers: Sequence[Press], folder: Path
) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        count = len(stage.worker.commands)
        asked = stage.app.map_screen
        burst(stage.app, answers)
        await stage.until(lambda: asked not in stage.app.screen_stack, "the map is closed")
        await stage.pilot.pause()
        started = [command for command in stage.since(count) if isinstance(command, Start)]
        assert len(started) == ("enter" in answers)
        burst(stage.app, ["escape", "q"])
        await stage.until(lambda: not stage.app.is_running, "the end")


@pytest.mark.parametrize("answers", [("d", "d"), ("d", "x", "question_mark", "p")])
async def test_keys_that_were_meant_for_the_screen_below_ask_nothing_more(
    answers: Sequence[Press], folder: Path
) -> None:
    async with running_app(folder.parent) as stage:
        burst(stage.app, answers)
        await stage.until(lambda: stage.app.screen.query(OptionList), "a question")
        await stage.pilot.pause()
        assert len(stage.app.screen_stack) == 2


async def test_a_click_on_a_message_that_goes_just_now_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        stage.app.say("Saved.")
        await until(stage.app, lambda: stage.app.screen.query("Toast"), "a message")
        await stage.pilot.pause()
        message, place = stage.app.screen.query_one("Toast"), (1, 1)
        await message.remove()
        # The screen shows it until the next layout.
        still = "get_widget_and_offset_at"
        monkeypatch.setattr(stage.app.screen, still, lambda *_: (message, Offset(0, 0)))
        burst(stage.app, [place])
        await stage.pilot.pause()
        assert stage.app.is_running
