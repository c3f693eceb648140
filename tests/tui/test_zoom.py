"""Looking closer, by key and by mouse: which steps and losses are shown, and that it is told."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.support.tables import loss, tidy_table
from tests.tui.hands import wheel
from tests.tui.runs_stage import FakeLive, Runs, lose, showing
from tests.tui.stage import running_app
from tests.tui.view_stage import viewing
from zgtui.charts.axes import Limits
from zgtui.config.settings import RUNS
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend
from zgtui.runlog.times import times_path, to_bytes
from zgtui.tui.widgets.chart import LossChart


def long_runs(steps: int = 1000) -> FakeLive:
    live = FakeLive()
    lose(live, "A", [1 + math.sin(step) for step in range(steps)])
    lose(live, "B", [2 + math.sin(step) for step in range(steps)])
    return live


def windows(screen: Runs) -> list[Limits | None]:
    return [chart.window for chart in screen.charts]


def cell(chart: LossChart, share: float, row: int = 2) -> tuple[int, int]:
    """The cell of the screen at this share of the step axis."""
    canvas = chart._canvas
    x = canvas.x + round(share * (canvas.width - 1))
    return chart.content_region.x + x, chart.content_region.y + row


async def turn(
    pilot: Pilot[None], at: tuple[int, int], *, ctrl: bool = False, shift: bool = False
) -> None:
    wheel(pilot.app, at, ctrl=ctrl, shift=shift)
    await pilot.pause()


def limits(screen: Runs) -> Limits:
    found = screen.charts[0].scale.limits
    assert found is not None
    return found


def is_zoomed(screen: Runs) -> bool:
    return screen.charts[0].scale.chosen is not None


async def test_keys_zoom_around_the_crosshair_move_and_come_back() -> None:
    async with showing(long_runs()) as (screen, pilot):
        assert windows(screen) == [None, None]
        await pilot.press("I")
        screen.crosshair.point(500, pinned=True)
        await pilot.press("full_stop")
        assert windows(screen) == [Limits(250, 750)] * 2
        assert screen.pane("A").noted == "steps 250 to 750"
        await pilot.press("right_parenthesis")
        assert windows(screen) == [Limits(375, 875)] * 2
        await pilot.press("left_parenthesis", "left_parenthesis")
        assert windows(screen) == [Limits(125, 625)] * 2
        await pilot.press("comma")
        assert windows(screen) == [None, None]
        assert not screen.pane("A").noted
        await pilot.press("full_stop", "escape", "escape")
        assert windows(screen) == [None, None]


async def test_the_newest_steps_are_followed() -> None:
    live = long_runs()
    async with showing(live) as (screen, pilot):
        await pilot.press("F")
        assert windows(screen) == [Limits(900, 1000)] * 2
        assert screen.pane("B").noted == "newest 100 steps"
        for name in ("A", "B"):
            lose(live, name, [1.0] * 25)
        screen.update_all()
        assert windows(screen) == [Limits(930, 1030)] * 2
        await pilot.press("F")
        assert windows(screen) == [None, None]


async def test_the_wheel_zooms_where_the_mouse_is_and_a_second_click_comes_back() -> None:
    async with showing(long_runs()) as (screen, pilot):
        chart = screen.pane("A").chart
        await turn(pilot, cell(chart, 1.0))
        assert windows(screen) == [Limits(200, 1000)] * 2
        await turn(pilot, cell(chart, 0.0), shift=True)
        assert windows(screen) == [Limits(120, 920)] * 2
        wheel(pilot.app, cell(chart, 0.0), events.MouseScrollRight)
        await pilot.pause()
        assert windows(screen) == [Limits(200, 1000)] * 2
        await pilot.double_click(chart, offset=(20, 3))
        assert windows(screen) == [None, None]


async def test_a_drag_chooses_a_window_and_in_a_window_moves_it() -> None:
    async with showing(long_runs()) as (screen, pilot):
        chart = screen.pane("B").chart
        width = chart._canvas.width - 1
        left, right = cell(chart, 0.25), cell(chart, 0.75)
        await drag(pilot, left, right)
        (window, other) = windows(screen)
        assert window == other
        assert window is not None
        assert abs(window.low - 250) <= 1000 / width
        assert abs(window.high - 750) <= 1000 / width
        assert not screen.crosshair.pinned, "a drag is no click"
        await drag(pilot, right, left)
        (moved, _) = windows(screen)
        assert moved is not None
        assert moved.low - window.low == pytest.approx((window.high - window.low) / 2, rel=0.1)


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


async def test_the_loss_axis_is_zoomed_and_moved_by_key_and_by_wheel() -> None:
    async with showing(long_runs()) as (screen, pilot):
        a, b = screen.charts
        before = limits(screen)
        await pilot.press("colon")
        assert limits(screen) == b.scale.limits == Limits(0, before.high / 2)
        assert "▲" in b.render_line(0).text
        assert screen.pane("A").noted == "loss axis zoomed"
        await pilot.press("up")
        assert limits(screen).low > 0
        await pilot.press("down", "semicolon", "escape")
        assert limits(screen) == before
        await turn(pilot, (a.content_region.x + 1, a.content_region.y + 1))
        assert is_zoomed(screen)
        assert windows(screen) == [None, None]
        await pilot.press("0")
        assert not is_zoomed(screen)
        await turn(pilot, cell(a, 0.5), ctrl=True)
        assert is_zoomed(screen)


async def test_a_zoomed_logarithmic_axis_has_labels_between_the_powers() -> None:
    async with showing(long_runs()) as (screen, pilot):
        await pilot.press("y", "colon", "colon", "colon")
        labels = {
            line.partition("┤")[0].strip()
            for y in range(screen.charts[0].size.height)
            if "┤" in (line := screen.charts[0].render_line(y).text)
        }
        assert len(labels) >= 2
        assert all("e" in label for label in labels)


async def test_a_part_of_a_long_run_is_drawn_from_the_log_to_the_step(folder: Path) -> None:
    """One loss in 200,000 stands out; its neighbours are not drawn in its place."""
    async with running_app(folder.parent) as stage:
        losses = array("d", [1.0]) * 200_000
        losses[77_777] = 5.0
        stage.worker.feed(losses, losses)
        await stage.caught_up()
        stage.screen.on_mouse_chart_selected(
            LossChart.Selected(stage.chart("A"), Limits(77_770, 77_790))
        )
        (line,) = stage.chart("A")._lines
        assert list(line.steps) == list(range(77_770, 77_791))
        assert [step for step, one in zip(line.steps, line.losses, strict=True) if one == 5] == [
            77_778
        ]
        await stage.shows("steps 77,770 to 77,790", "77.78k")


async def test_what_is_shown_of_a_window_is_not_drawn_anew_by_later_steps() -> None:
    live = long_runs()
    async with showing(live) as (screen, _):
        screen.on_mouse_chart_selected(LossChart.Selected(screen.charts[0], Limits(100, 200)))
        chart = screen.charts[0]
        before = [chart.render_line(y).text for y in range(chart.size.height)]
        lose(live, "A", [9.0] * 10)
        screen.update_all()
        assert [chart.render_line(y).text for y in range(chart.size.height)] == before


async def test_a_window_hides_a_rise_and_leaves_the_axis_as_it_is() -> None:
    live = FakeLive()
    lose(live, "B", [1.0] * 100 + [1000.0] * 100)
    live.trends["B"] = Trend("growing")
    async with showing(live) as (screen, _):
        assert screen.log_scale
        screen.on_mouse_chart_selected(LossChart.Selected(screen.charts[0], Limits(10, 50)))
        assert screen.log_scale


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_view_zooms_too(tmp_path: Path, size: tuple[int, int]) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 400), size=size) as viewer:
        await viewer.press("full_stop", "full_stop")
        if size == (80, 24):
            await viewer.until(lambda: "steps 300 to 400" in viewer.text())
        else:
            await viewer.until(lambda: viewer.status().endswith("steps 300 to 400"))
        (line,) = viewer.app.main_screen.panes[0].chart._lines
        assert (min(line.steps), max(line.steps)) == (300, 400)
        assert max(line.losses) == loss("A", 300)


async def test_zooming_costs_the_same_at_any_length() -> None:
    """What is read for a window is bounded by its columns, not by the length of the run."""
    read: list[int] = []
    history = LossHistory()
    values = array("d", (math.sin(step) for step in range(2_000_000)))

    def reread(start: int, count: int) -> array[float]:
        part = values[start : start + count]
        read.append(len(part))
        return part

    history.reread = reread
    history.extend(values)
    for span in (100, 10_000, 1_000_000):
        read.clear()
        steps, losses = history.points(120, 500_001, 500_000 + span)
        assert sum(read) <= 121 * 512
        assert len(steps) <= 240
        part = values[500_000 : 500_000 + span]
        assert (min(losses), max(losses)) == (min(part), max(part))


async def test_the_x_axis_counts_what_is_known(folder: Path) -> None:
    async with running_app(folder.parent, size=(120, 40)) as stage:
        started = stage.app.live.started
        assert started is not None
        stage.app.live.started = replace(started, steps_per_epoch=4, samples_per_step=32)
        await stage.train(19)
        for name in RUNS:
            times_path(Path(started.log), name).write_bytes(
                to_bytes(array("d", [0, 1e9, 10, 1e9 + 100, 20, 1e9 + 600]))
            )
        told, read = [], []
        await stage.press("I")
        for _ in range(4):
            await stage.press("X")
            read.append(stage.screen.readout.split(" · ")[:2])
            rows = [stage.drawn(stage.chart("A"))[-1].split()]
            axis = {"seconds": "time", "log step": "step"}.get(*[stage.screen.step_axis.name] * 2)
            rows[0].remove(axis)
            told.append((stage.screen.pane("A").noted.partition(" · ")[0], rows[0]))
        assert told == [
            ("by epoch", ["0", "1", "2", "3", "4", "5"]),
            ("by samples", ["0", "200", "400", "600"]),
            ("steps by time", ["0", "min", "5", "min", "10", "min", "15", "min"]),
            ("by log step", ["1", "2", "5", "10", "20"]),
        ]
        assert read[:2] == [["step 19", "epoch 4.75"], ["step 19", "samples 608"]]
        assert read[2] == ["step 19", "9.167 min"]
        assert read[3][1].startswith("A ")
        await stage.press("X")
        assert "step" not in stage.screen.pane("A").noted
        assert stage.screen.readout.startswith("step 19 · A ")


async def test_windows_and_crosshair_work_on_a_logarithmic_step_axis() -> None:
    async with showing(long_runs()) as (screen, pilot):
        await pilot.press("X")
        assert screen.pane("A").noted == "by log step"
        chart = screen.charts[0]
        width = chart._canvas.width - 1
        await pilot.hover(chart, offset=(chart._canvas.x + round(width / 3), 2))
        assert screen.crosshair.step is not None
        assert 8 <= screen.crosshair.step <= 13
        await pilot.press("I", "full_stop")
        assert windows(screen)[0] is not None
