"""``H``: what has been tried so far, to be opened again and exported."""

from __future__ import annotations

import csv
from pathlib import Path

from textual.widgets import DataTable

from tests.tui.stage import Stage, running_app
from zgtui.config.settings import NEVER, Settings
from zgtui.tui.screens.tried_screen import TriedScreen
from zgtui.worker.protocol import Start

SLOW = Settings(steps=0)


async def opened(stage: Stage) -> TriedScreen:
    await stage.press("H")
    await stage.until(lambda: isinstance(stage.app.screen, TriedScreen), "the table")
    screen = stage.app.screen
    assert isinstance(screen, TriedScreen)
    await stage.pilot.pause()
    return screen


async def two_tries(stage: Stage) -> None:
    await stage.train(20)
    await stage.press("r")
    await stage.press("l", *"0.25", "enter")
    await stage.train(12)


async def test_every_setting_is_listed_with_its_steps_and_its_verdict(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await two_tries(stage)
        screen = await opened(stage)
        table = screen.query_one(DataTable)
        rows = [[str(cell) for cell in table.get_row_at(at)] for at in range(table.row_count)]
        assert [row[:2] for row in rows] == [["1", "20"], ["2", "12"]]
        assert "lr 0.1 · A every, B never" in rows[0][4]
        assert "lr 0.25 · A every, B never" in rows[1][4]
        assert "changed by hand" not in rows[1][4], "it was set so before its first step"
        await stage.shows("A's loss grows ×4 per step.")
        await stage.press("up")
        await stage.shows("A converged")


async def test_a_row_is_opened_again_with_what_was_changed_in_it(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.train(4)
        await stage.press("z")
        await stage.train(8)
        await stage.press("r", "l", *"0.25", "enter")
        await stage.train(3)
        await opened(stage)
        before = len(stage.worker.commands)
        await stage.press("up", "enter")
        await stage.until(lambda: len(stage.since(before)) > 2, "the commands")
        start, *rest = stage.since(before)
        assert isinstance(start, Start)
        assert start.settings.b.clear == NEVER
        assert start.settings.a.lr == 0.1
        assert [type(one).__name__ for one in rest] == ["StepTo", "SetClearing", "SetRunning"]


async def test_the_table_is_exported_as_csv(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await two_tries(stage)
        await opened(stage)
        await stage.press("e")
        await stage.shows("export what was tried")
        await stage.press("enter")
        await stage.shows("Wrote 2 settings to")
        with (folder / "tried.csv").open(encoding="utf-8", newline="") as file:
            first, second = csv.DictReader(file)
        assert (first["steps"], first["lr_a"], first["clear_b"]) == ("20", "0.1", "never")
        assert float(first["loss_b"]) == stage.app.live.left[0].outcome.b.last
        assert second["verdict"].startswith("A's loss grows ×4 per step.")
        assert (first["changed"], first["state_a"]) == ("false", "converged at step 6")


async def test_before_the_first_step_there_is_nothing_to_list(folder: Path) -> None:
    async with running_app(folder.parent, SLOW, running=False) as stage:
        await stage.press("H")
        await stage.tells("Nothing has been tried yet")


async def test_a_step_back_is_no_new_try(folder: Path) -> None:
    async with running_app(folder.parent, SLOW) as stage:
        await stage.train(5)
        await stage.press("b")
        await stage.shows("step 4")
        assert len(stage.app.live.tried) == 1


async def test_on_the_smallest_screen_a_setting_is_seen_and_how_to_close_the_table(
    folder: Path,
) -> None:
    async with running_app(folder.parent, SLOW, size=(40, 12)) as stage:
        await two_tries(stage)
        await opened(stage)
        assert any(line.startswith("│  2  ") for line in stage.text.splitlines())
        assert "Esc: close" in stage.text
