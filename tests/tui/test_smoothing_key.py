"""One key smooths what is drawn, two others say how strongly; all else stays of the losses."""

from __future__ import annotations

from pathlib import Path

from tests.support.tables import tidy_table
from tests.tui.runs_stage import FakeLive, lose, showing, status
from tests.tui.view_stage import viewing
from zgtui.curves.smoothing import SmoothedCurve


def zigzag() -> FakeLive:
    live = FakeLive()
    for name in ("A", "B"):
        lose(live, name, [1.0, 3.0] * 100)
    return live


async def test_the_average_is_drawn_over_the_faint_losses_and_the_pane_says_so() -> None:
    live = zigzag()
    async with showing(live) as (screen, pilot):
        await pilot.press("S")
        chart = screen.pane("A").chart
        losses, average = chart.curves
        assert losses.faint
        assert losses.source is live.runs["A"].history
        assert isinstance(average.source, SmoothedCurve)
        drawn = chart._lines[1].losses
        assert max(drawn[50:]) - min(drawn[50:]) < 0.2
        assert (min(chart._lines[0].losses), max(chart._lines[0].losses)) == (1, 3)
        assert screen.pane("A").noted == "smoothed 0.9"
        colours = [style.color for style in chart._ink_styles()[-2:]]
        assert colours[0] != colours[1]
        await pilot.press("S")
        assert len(chart.curves) == 1
        assert not screen.pane("A").noted


async def test_the_strength_goes_in_steps_and_is_kept() -> None:
    async with showing(zigzag()) as (screen, pilot):
        told = []
        more, less = "right_curly_bracket", "left_curly_bracket"
        for key in (more, more, "S", "S", *[less] * 5):
            await pilot.press(key)
            told.append(screen.pane("B").noted)
        assert told == [
            *("smoothed 0.9", "smoothed 0.95", "", "smoothed 0.95"),
            *("smoothed 0.9", "smoothed 0.8", "smoothed 0.5", "smoothed 0.5", "smoothed 0.5"),
        ]


async def test_the_crosshair_tells_the_losses_and_not_their_average() -> None:
    async with showing(zigzag()) as (screen, pilot):
        await pilot.press("S", "I", "A")
        assert status(screen) == "step 200 · A 3 · B 3 · B/A 1"
        assert screen.pane("A").noted == "A ⠒⠒ B ▀▀ · smoothed 0.9"
        assert len(screen.pane("A").chart.curves) == 4


async def test_new_losses_are_smoothed_as_they_come() -> None:
    live = zigzag()
    async with showing(live) as (screen, pilot):
        await pilot.press("S")
        lose(live, "A", [9.0] * 10)
        screen.update_all()
        assert screen.pane("A").chart._lines[1].steps[-1] == 210


async def test_view_smooths_too_also_while_it_replays(tmp_path: Path) -> None:
    async with viewing(tidy_table(tmp_path / "t.csv", 40)) as viewer:
        await viewer.press("S")
        await viewer.until(lambda: "smoothed 0.9" in viewer.text())
        chart = viewer.app.main_screen.panes[0].chart
        assert [curve.faint for curve in chart.curves] == [True, False]
        await viewer.press("home", "n", "n")
        await viewer.until(lambda: list(chart._lines[1].steps) == [1, 2, 3])
