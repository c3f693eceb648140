"""One crosshair over all charts, by key and by mouse: the step, both losses and their ratio."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import pytest

from tests.support.tables import tidy_table
from tests.tui.runs_stage import FakeLive, lose, showing, status
from tests.tui.stage import Stage, running_app
from tests.tui.view_stage import viewing
from zgtui.lessons import LESSONS

A, B = [3.0, 2.0, 1.0], [3.0, 30.0, 61.0]


def two_runs() -> FakeLive:
    live = FakeLive()
    lose(live, "A", A)
    lose(live, "B", B)
    return live


async def test_by_keys_it_comes_at_the_newest_step_moves_and_goes() -> None:
    async with showing(two_runs()) as (screen, pilot):
        before = status(screen)
        await pilot.press("I")
        assert [chart.crosshair for chart in screen.charts] == [3, 3]
        assert status(screen) == "step 3 · A 1 · B 61 · B/A 61"
        await pilot.press("left")
        assert status(screen) == "step 2 · A 2 · B 30 · B/A 15"
        await pilot.press("shift+left", "shift+left")
        assert status(screen) == "step 1 · A 3 · B 3 · B/A 1"
        await pilot.press("shift+right")
        assert status(screen).startswith("step 2 ·")
        await pilot.press("right", "right")
        assert status(screen).startswith("step 3 ·")
        await pilot.press("escape")
        assert [chart.crosshair for chart in screen.charts] == [None, None]
        assert status(screen) == before
        await pilot.press("left", "I")
        assert screen.crosshair.step is None


async def test_the_mouse_shows_it_in_both_charts_and_a_click_keeps_it() -> None:
    async with showing(two_runs()) as (screen, pilot):
        chart = screen.pane("B").chart
        width = chart._canvas.width - 1
        first = (chart._canvas.x + round(width / 10), 2)
        await pilot.hover(chart, offset=first)
        assert [one.crosshair for one in screen.charts] == [1, 1]
        await pilot.hover("#status")
        assert [one.crosshair for one in screen.charts] == [None, None]
        await pilot.click(chart, offset=(chart._canvas.x + round(2 * width / 10), 2))
        await pilot.hover("#status")
        await pilot.hover(chart, offset=first)
        assert status(screen) == "step 2 · A 2 · B 30 · B/A 15"
        assert "┃" in screen.pane("A").chart.render_line(1).text


async def test_what_is_no_number_and_where_a_run_has_no_step_are_told() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.0])
    lose(live, "B", [math.nan, math.inf, 5.0])
    async with showing(live) as (screen, pilot):
        told = []
        await pilot.press("I")
        for _ in range(3):
            told.append(status(screen))
            await pilot.press("shift+left")
        assert told == ["step 3 · A – · B 5", "step 2 · A 0 · B inf", "step 1 · A 1 · B nan"]


async def test_both_runs_in_one_chart_have_it_too() -> None:
    async with showing(two_runs()) as (screen, pilot):
        await pilot.press("A", "I")
        assert status(screen) == "step 3 · A 1 · B 61 · B/A 61"


async def test_losses_long_out_of_memory_are_exact(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        losses = array("d", (1 + math.sin(step) / 3 for step in range(200_000)))
        feed(stage, losses)
        await stage.caught_up()
        for step in (1, 777, 99_999):
            stage.screen.crosshair.point(step, pinned=True)
            stage.screen.show_crosshair()
            await stage.shows(f"A {losses[step - 1]:.4g} · B {losses[step - 1] * 2:.4g} · B/A 2")


def feed(stage: Stage, losses: array[float]) -> None:
    stage.worker.feed(losses, [2 * loss for loss in losses])


async def test_pages_of_a_lesson_are_turned_until_a_crosshair_is_put_down(folder: Path) -> None:
    async with running_app(folder.parent, size=(120, 40)) as stage:
        await stage.train(5)
        stage.screen.open_lesson(LESSONS["invisible"])
        await stage.shows("page 1 of")
        await stage.press("right")
        await stage.shows("page 2 of")
        await stage.train(5)
        await stage.press("I", "left")
        assert stage.screen.crosshair.step is not None
        await stage.shows("page 2 of")
        await stage.press("escape", "left")
        await stage.shows("page 1 of")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_view_has_it_over_every_chart(tmp_path: Path, size: tuple[int, int]) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40), size=size) as viewer:
        await viewer.press("left")
        assert viewer.app.main_screen.crosshair.step is None, "the replay was moved"
        await viewer.press("end", "I")
        await viewer.until(lambda: viewer.status().startswith("step 40 · A 0.025 · B "))
        await viewer.press("shift+left")
        assert viewer.status().startswith("step 39 · A ")
        assert {pane.chart.crosshair for pane in viewer.app.main_screen.panes} == {39}
