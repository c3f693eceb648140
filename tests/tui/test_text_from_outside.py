"""Hostile names, values, folders and outputs on the screens: what is drawn commands nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.text import Text
from textual.events import Paste
from textual.strip import Strip
from textual.widgets import Input

from tests.support.hostile import FORBIDDEN, HOSTILE, NAME
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import running_app
from tests.tui.view_stage import viewing
from zgtui.errors import UsageError
from zgtui.launch.command import ScriptOptions
from zgtui.launch.process import Ending, Frame
from zgtui.tui.base_app import BaseApp

COLUMN = HOSTILE.replace("\r", "").replace(";", "!")


def assert_drawn_harmlessly(app: BaseApp[Any]) -> str:
    """No letter of the screen commands the terminal, and no line is wider than the screen."""
    strips = app.screen._compositor.render_strips()
    text = "\n".join(strip.text for strip in strips)
    found = FORBIDDEN.search(text)
    assert found is None, repr(text[max(0, found.start() - 40) : found.end() + 20])
    widths = {Strip(list(strip)).cell_length for strip in strips}
    assert widths == {app.screen.size.width}, "a sign takes room"
    return text


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_columns_of_a_table(tmp_path: Path, size: tuple[int, int]) -> None:
    table = tmp_path / f"{NAME}.csv"
    rows = "".join(f"{step},{step},[/]\n" for step in range(1, 9)).replace("[/]", "3")
    table.write_text(f'step,"{COLUMN}","[/{COLUMN}"\n{rows}', encoding="utf-8")
    async with viewing(table, size=size) as viewer:
        await viewer.until(lambda: "a␛]0!" in viewer.text())
        assert_drawn_harmlessly(viewer.app)
        chart = viewer.app.main_screen.panes[0].chart
        await viewer.pilot.hover(chart, offset=(chart.size.width // 2, 0))
        await viewer.until(lambda: chart.crosshair is not None)
        viewer.app.tick()
        await viewer.pilot.pause()
        assert_drawn_harmlessly(viewer.app)
        await viewer.press("e")
        await viewer.pilot.pause()
        assert_drawn_harmlessly(viewer.app)


@pytest.mark.parametrize("key", ["e", "p"])
async def test_a_hostile_working_folder_in_a_dialog(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    place = folder / NAME
    place.mkdir()
    monkeypatch.chdir(place)
    async with running_app(folder) as stage:
        await stage.train(5)
        await stage.press(key)
        await stage.until(lambda: stage.app.screen.query(Input), "the dialog")
        assert_drawn_harmlessly(stage.app)
        await stage.press("enter")
        assert_drawn_harmlessly(stage.app)


async def test_text_pasted_into_a_dialog(folder: Path) -> None:
    async with running_app(folder) as stage:
        await stage.train(5)
        await stage.press("e")
        await stage.until(lambda: stage.app.screen.query(Input), "the dialog")
        typed = stage.app.screen.query_one(Input)
        typed.value = ""
        typed.post_message(Paste(f"/nowhere/{NAME}/x.csv"))
        await stage.until(lambda: typed.value, "the pasted text")
        assert_drawn_harmlessly(stage.app)
        await stage.press("enter")
        await stage.shows("nowhere")
        assert_drawn_harmlessly(stage.app)


async def test_what_the_app_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app(folder) as stage:
        stage.app.say(f"[/]{NAME}", error=True)
        await stage.shows("[/]a␛]0;owned")
        assert_drawn_harmlessly(stage.app)
        said: list[str] = []
        monkeypatch.setattr(stage.app, "exit", lambda **how: said.append(how["message"]))
        stage.app.give_up(UsageError(f"[/]{NAME}"))
        (message,) = said
        assert FORBIDDEN.search(message) is None
        assert Text.from_markup(message).plain.startswith("zgtui: [/]a␛]0;owned")


async def test_a_script_its_folder_its_output_and_its_end(tmp_path: Path) -> None:
    place = tmp_path / NAME.replace("\udce9", "")
    place.mkdir()
    script = place / f"{NAME}.py".replace("\udce9", "")
    script.touch()
    options = ScriptOptions(script=str(script), arguments=(NAME,))
    async with running_scripts(place, options, size=(120, 40)) as stage:
        stage.fake.train("A", [1.0, 2.0])
        for run in stage.fake.runs.values():
            run.output.write_text(HOSTILE, encoding="utf-8")
            frames = (Frame(f"{NAME}.py", 3, NAME, NAME),)
            stage.fake.end(run.name, Ending(1, f"the script failed: {NAME}", frames, (NAME,)))
        await stage.press("O")
        await stage.shows("a␛]0;owned")
        assert_drawn_harmlessly(stage.app)
