"""The screen as a picture, in each state that a user meets; see it before you accept a change."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.stage import Clock, Stage, staged
from zgtui.config.settings import Settings
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.dialogs import ExportDialog

Scene = Callable[[Stage, Clock], Awaitable[None]]
Compare = Callable[..., bool]


async def train(stage: Stage, clock: Clock, steps: int) -> None:
    """Train at the article's own ten steps a second."""
    for _ in range(steps):
        clock.now += 0.1
        stage.worker.train(1)
    await stage.caught_up()


async def running(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 14)


async def paused(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 9)
    await stage.press("z", "plus")
    await train(stage, clock, 6)
    await stage.press("space")
    await stage.shows("paused")


async def diverged(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 6)
    stage.worker.feed([1e3, 1e30, math.inf, math.nan], [0.1, 0.3, 0.2, 0.1])
    await stage.caught_up()
    await stage.shows("diverged at step 9")


async def worker_failed(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 14)
    stage.worker.fail(
        "CUDA ran out of memory while training step 15",
        "the training process ended with exit code 1; see worker.log",
    )
    await stage.shows("stopped at step 14")


async def help_shown(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 14)
    await stage.press("question_mark")
    await stage.shows("Pause both runs")


async def export_asked(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 14)
    stage.app.push_screen(ExportDialog(Path("/home/ada/losses.csv")))
    await stage.shows("export the loss table")
    stage.app.screen.query_one(Input).cursor_blink = False  # as it stands between two blinks
    await stage.pilot.pause()


async def device_asked(stage: Stage, clock: Clock) -> None:
    await train(stage, clock, 14)
    await stage.press("d")
    await stage.shows("NVIDIA")


def pressed(*keys: str, shows: str) -> Scene:
    """Some steps on, these keys were pressed."""

    async def scene(stage: Stage, clock: Clock) -> None:
        await train(stage, clock, 14)
        for key in keys:
            await stage.press(key)
        await stage.shows(shows)

    return scene


LOOKS: dict[str, Scene] = {
    "one-chart": pressed("A", shows="A ⠒⠒ B ▀▀"),
    "difference": pressed("A", "A", shows="A - B ⠒⠒"),
    "crosshair": pressed("I", "left", "left", shows="B/A"),
    "zoomed": pressed("full_stop", shows="steps 7 to 17"),
    "smoothed": pressed("S", shows="smoothed"),
    "loop-alone": pressed("k", shows="B     optimizer"),
    "lesson": pressed("L", "enter", shows="Right: next"),
    "presenter": pressed("P", shows="A is ahead so far"),
}
"""How the same state can be looked at."""
TINY = ["running", "paused", "worker-failed", "one-chart", "loop-alone", "lesson", "presenter"]
SCENES: dict[str, Scene] = {
    "running": running,
    "paused": paused,
    "diverged": diverged,
    "worker-failed": worker_failed,
    "help": help_shown,
    "export": export_asked,
    "device": device_asked,
}


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_screen_looks_as_it_did(
    snap_compare: Compare, folder: Path, clock: Clock, scene: str, size: tuple[int, int]
) -> None:
    assert shown(snap_compare, folder, clock, SCENES[scene], size)


@pytest.mark.parametrize("scene", LOOKS)
def test_each_look_is_as_it_was(
    snap_compare: Compare, folder: Path, clock: Clock, scene: str
) -> None:
    assert shown(snap_compare, folder, clock, LOOKS[scene], (80, 24))


@pytest.mark.parametrize("scene", TINY)
def test_the_smallest_screens_look_as_they_did(
    snap_compare: Compare, folder: Path, clock: Clock, scene: str
) -> None:
    assert shown(snap_compare, folder, clock, {**SCENES, **LOOKS}[scene], (40, 12))


def test_the_light_theme_looks_as_it_did(snap_compare: Compare, folder: Path, clock: Clock) -> None:
    assert shown(snap_compare, folder, clock, paused, (80, 24), theme="zgtui-light")


def shown(
    compare: Compare,
    folder: Path,
    clock: Clock,
    scene: Scene,
    size: tuple[int, int],
    *,
    theme: str = "zgtui-dark",
) -> bool:
    """Whether ``scene`` looks as in the picture kept of it."""
    stage = staged(folder.parent, Settings(), Display(fps=30, theme=theme))

    async def play(pilot: Pilot[None]) -> None:
        stage.pilot = pilot
        await stage.until(lambda: stage.workers and stage.app.live.started, "the comparison")
        await scene(stage, clock)
        stage.app.tick()
        await pilot.pause()
        # Nothing moves any more: notifications end after seconds of the machine's own clock.
        stage.app.clear_notifications()
        await pilot.pause()

    app: App[None] = stage.app
    try:
        return compare(app, terminal_size=size, run_before=play)
    finally:
        stage.dispose()
