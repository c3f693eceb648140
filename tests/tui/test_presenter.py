"""``P``: what an audience sees, and back to what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Digits

from tests.tui.stage import running_app
from zgtui.charts.words import big_number
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.widgets.explanation_pane import Banner
from zgtui.tui.widgets.key_footer import KeyFooter


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_one_key_brings_the_large_losses_and_takes_them_away(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(6)
        before = stage.text
        await stage.press("P")
        stage.app.tick()
        await stage.pilot.pause()
        digits = [stage.screen.pane(run).query_one(Digits) for run in ("A", "B")]
        for big, run in zip(digits, ("A", "B"), strict=True):
            assert big.region.height == 3
            last = stage.app.live.runs["A" if run == "A" else "B"].history.last
            assert big.value == big_number(last)
        assert not stage.screen.query_one(KeyFooter).display
        assert not stage.screen.query_one("#below").display
        assert stage.screen.query_one(Banner).region.y == 1, "at the top, above all heads"
        assert stage.chart("A").marker == "hd"
        assert stage.app.theme == "zgtui-contrast-dark"
        await stage.press("P")
        stage.app.tick()
        await stage.pilot.pause()
        assert stage.text == before
        assert stage.app.theme == "zgtui-dark"


async def test_a_light_theme_stays_light(folder: Path) -> None:
    display = Display(fps=30, theme="zgtui-light")
    async with running_app(folder.parent, display=display) as stage:
        await stage.press("P")
        assert stage.app.theme == "zgtui-contrast-light"


async def test_the_key_pressed_last_is_echoed_with_what_it_does(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("P", "z")
        echo = "\n".join(stage.drawn(stage.screen.query_one(Banner)))
        assert " z " in echo
        assert "zero_grad" in echo
        await stage.press("space")
        echo = "\n".join(stage.drawn(stage.screen.query_one(Banner)))
        assert "pause" in echo
        assert "zero_grad" not in echo.splitlines()[1]


async def test_the_caption_says_what_is_seen(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("P")
        await stage.train(20)
        caption = "\n".join(stage.drawn(stage.screen.query_one(Banner)))
        assert "A converged" in " ".join(caption.split())


async def test_a_panel_can_still_be_called_up(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.press("P", "k")
        assert stage.screen.query_one("#code").region.height > 0


@pytest.mark.parametrize(
    ("loss", "shown"),
    [(0.28706, "0.287"), (3.1e-7, "3.1E-07"), (12345.6, "1.23E+04"), (None, "-")],
)
def test_large_digits_are_few(loss: float | None, shown: str) -> None:
    assert big_number(loss) == shown


async def test_a_small_screen_still_tells_what_each_run_does(folder: Path) -> None:
    async with running_app(folder.parent, size=(40, 12)) as stage:
        await stage.train(20)
        await stage.press("P")
        await stage.shows("A  zero_grad() every step", "converged at step 6")
        await stage.shows("B  zero_grad() never", "oscillates every 2.7 steps")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_a_lesson_and_the_last_key_stand_on_one_screen_with_both_charts(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.press("P", "L", "enter", "right")
        await stage.shows(
            "Lesson 1 of 10", "page 2 of 6", "The next page trains two steps", "right"
        )
        for run in ("A", "B"):
            assert stage.chart("A" if run == "A" else "B").region.height >= 6
        assert "momentum 1" not in stage.text, "nothing is told ahead"
