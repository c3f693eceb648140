"""The map of where each loop is stable, opened as a user does."""

from __future__ import annotations

from tests.tui.stage import Stage
from zgtui.tui.screens.map_screen import MapScreen
from zgtui.tui.widgets.map_cells import HeatMap


def shown(stage: Stage) -> MapScreen:
    screen = stage.app.map_screen
    assert screen is not None
    return screen


async def open_map(stage: Stage, *, trained: bool = True) -> HeatMap:
    """Press M and wait for the cells."""
    await stage.press("M")
    await stage.until(lambda: stage.worker.map_asked is not None, "the question for a map")
    if trained:
        stage.worker.tell_map(trained=True)
    await stage.shows("converged   ", "Enter opens it")
    return shown(stage).map
