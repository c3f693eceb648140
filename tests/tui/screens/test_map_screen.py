"""The map of where each loop is stable: shown, moved over, opened, and written to files."""

from __future__ import annotations

import csv
import re
from functools import partial
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.widgets import Input, Static

from tests.tui.map_stage import open_map, shown
from tests.tui.stage import Stage, running_app
from zgtui.config.settings import EVERY, NEVER, Clearing, MapAxis
from zgtui.tui.screens import map_screen
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.widgets.map_cells import HeatMap
from zgtui.worker.protocol import Start


@pytest.mark.parametrize("size", [(30, 8), (36, 10), (40, 11)])
async def test_the_map_has_cells_and_keys_on_the_smallest_screens(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.press("M")
        await stage.until(lambda: stage.worker.map_asked is not None, "the question for a map")
        stage.worker.tell_map(trained=True)
        await stage.shows("never ▀", "every ▀", "█ bounded", "lr 0.", "q quit")
        assert ("diverged" in stage.text) is (size[0] >= 36)
        assert stage.app.screen.max_scroll_y == 0, "all of it is on the screen"


async def test_what_is_said_of_a_cell_is_whole(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        for key in ("right", "down", "right", "left"):
            for _ in range(4):
                await stage.press(key)
                said = " ".join(stage.drawn(stage.app.screen.query_one("#cell", Static)))
                assert "Enter opens it as run " in said
                assert re.search("trained: (converged|bounded|diverged) *$", said), said


async def shows_rows_of(stage: Stage, cells: HeatMap, axis: MapAxis) -> None:
    """Wait until a map with these rows is asked for, answer, and wait until it is shown."""
    await stage.until(
        lambda: stage.worker.map_asked is not None and stage.worker.map_asked.axis == axis,
        f"the question for {axis}",
    )
    stage.worker.tell_map(trained=True)
    await stage.until(
        lambda: cells.made is not None and cells.made.grid.axis == axis, f"rows of {axis}"
    )


async def test_theory_is_shown_first_then_what_was_trained(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage, trained=False)
        await stage.shows("article: SGD, lr·λ from 0 to 5", "theory; training", "of 2,000")
        stage.worker.tell_map(trained=True)
        await stage.shows("after 2,000 steps, training and theory agree in all")
        await stage.press("t")
        await stage.until(lambda: "after 2,000" not in stage.text, "theory alone")


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12)])
async def test_as_many_cells_are_asked_for_as_fit(folder: Path, size: tuple[int, int]) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.press("M")
        await stage.until(lambda: stage.worker.map_asked is not None, "the question for a map")
        asked = stage.worker.map_asked
        assert asked is not None
        assert asked.columns == min(100, size[0] - 8)
        assert asked.rows % 2 == 0
        assert 0 < asked.rows <= 60


async def test_another_size_asks_for_other_cells(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        await stage.pilot.resize_terminal(60, 20)
        await stage.until(
            lambda: stage.worker.map_asked is not None and stage.worker.map_asked.columns == 52,
            "another map",
        )


async def test_the_cell_under_the_cursor_tells_its_setting(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        cells = await open_map(stage)
        await stage.press("home", *["left"] * 30)
        assert cells.cursor == (0, 0)
        await stage.shows("(lr·λ 0.0347), zero_grad() every step", "converges")
        await stage.press(*["right"] * 71)
        await stage.shows("(lr·λ 4.97), zero_grad() every step", "diverges")
        await stage.press("up")
        await stage.shows("zero_grad() every 2 steps")
        await stage.press(*["up"] * 60)
        assert cells.made is not None
        assert cells.cursor[0] == cells.made.grid.rows - 1
        await stage.shows("zero_grad() never")


async def test_enter_opens_the_cell_as_run_b(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        cells = await open_map(stage)
        cells.cursor = (3, 17)
        await stage.press("enter")
        await stage.until(lambda: stage.app.map_screen is None, "the map gone")
        start = stage.last(Start)
        assert start.running
        assert (start.settings.optimizer, start.settings.batch_size) == ("SGD", 0)
        assert (start.settings.a.clear, start.settings.b.clear) == (EVERY, Clearing(4))
        assert start.settings.b.lr == pytest.approx(5 * 17.5 / 72 / 12)
        assert start.settings.a.lr == start.settings.b.lr


async def test_no_map_is_asked_for_of_what_was_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_screen, "REFRESH_SECONDS", 0.001)
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        slow_to_go, live = shown(stage), stage.app.live
        monkeypatch.setattr(slow_to_go, "dismiss", lambda: None)
        before, of = len(stage.worker.commands), live.started
        await stage.press("enter")
        await stage.until(lambda: live.started not in (None, of), "the comparison opened")
        await stage.pilot.pause(0.1)
        assert [type(one) for one in stage.since(before)] == [Start]


async def test_a_cell_that_clears_every_step_is_run_a(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        await stage.shows(
            "Enter opens it as run A, beside the same settings with zero_grad() never"
        )
        await stage.press("enter")
        start = stage.last(Start)
        assert (start.settings.a.clear, start.settings.b.clear) == (EVERY, NEVER)


def starts(stage: Stage, before: int) -> list[Start]:
    """The comparisons asked for since there were ``before`` commands."""
    return [one for one in stage.since(before) if isinstance(one, Start)]


async def test_momentum_and_weight_decay_are_opened_as_they_are(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        cells = await open_map(stage)
        tried: list[tuple[MapAxis, float, float]] = [
            ("momentum", 0.5, 0.0),
            ("weight-decay", 0.0, 0.5),
        ]
        for axis, momentum, decay in tried:
            await stage.press("j")
            await shows_rows_of(stage, cells, axis)
            assert cells.made is not None
            cells.cursor = (cells.made.grid.rows // 2, 20)
            made = cells.made
            before = len(stage.worker.commands)
            await stage.press("enter")
            await stage.until(partial(starts, stage, before), "the cell's comparison")
            (start,) = starts(stage, before)
            assert (start.settings.momentum or 0.0) == momentum
            assert (start.settings.weight_decay or 0.0) * made.lr(20) == pytest.approx(decay)
            cells = await open_map(stage)
            await stage.press(*["j"] * (1 if decay == 0 and momentum else 0))


async def test_z_switches_the_policy_where_the_rows_are_something_else(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        await stage.press("z")
        await stage.tells("press j for other rows")
        await stage.press("j", "z")
        await stage.until(
            lambda: (
                stage.since(0)[-1] == stage.worker.map_asked
                and stage.worker.map_asked.clear == EVERY
            ),
            "the map of runs that clear",
        )


async def test_a_click_moves_the_cursor_and_a_double_click_opens(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        cells = await open_map(stage)
        place = Offset(cells.region.x + 7 + 30, cells.region.y)
        await stage.pilot.click(offset=place)
        assert cells.made is not None
        assert cells.cursor == (cells.made.grid.rows - 1, 30)
        await stage.pilot.click(offset=place, times=2)
        await stage.until(lambda: stage.app.map_screen is None, "the cell opened")


async def test_the_map_goes_to_a_table(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        cells = await open_map(stage)
        await stage.press("e")
        stage.app.screen.query_one(Input).value = "cells.csv"
        await stage.press("enter")
        await stage.tells(f"Wrote {folder / 'cells.csv'}")
        with (folder / "cells.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert cells.made is not None
        assert len(rows) == cells.made.grid.rows * cells.made.grid.columns
        assert rows[0]["clear"] == "every"
        assert rows[0]["measured"] == rows[0]["predicted"] == "converged"
        assert float(rows[0]["lr"]) * 12 == pytest.approx(float(rows[0]["lr_times_sharpness"]))
        assert rows[-1]["clear"] == "never"
        assert rows[-1]["measured"] == "diverged"


async def test_the_map_goes_to_a_picture(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        await stage.press("p")
        stage.app.screen.query_one(Input).value = "map.svg"
        await stage.press("enter")
        await stage.tells(f"Drew {folder / 'map.svg'}")
        assert "<svg" in (folder / "map.svg").read_text()


async def test_nothing_is_written_before_all_is_trained(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage, trained=False)
        await stage.press("e")
        await stage.tells("still being trained")


async def test_a_network_has_no_map_and_the_screen_says_why(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        stage.worker.refuse = "the map needs a linear model under MSE loss"
        await stage.press("M")
        await stage.shows("the map needs a linear model under MSE loss")
        await stage.press("escape")
        assert stage.app.map_screen is None


async def test_help_lists_the_keys_of_the_map(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await open_map(stage)
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.shows("Next rows: clearing every N steps")
        await stage.press("escape", "M")
        assert stage.app.map_screen is None


async def test_letters_alone_where_the_terminal_has_nothing_else(folder: Path) -> None:
    display = Display(ascii_only=True, marker="ascii", fps=30)
    async with running_app(folder.parent, display=display) as stage:
        await open_map(stage)
        await stage.shows("every ....", "# diverged")
        assert stage.text.isascii()
