"""No terminal is too small for a screen or a question: it is shown again once there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App

from tests.support.tables import tidy_table
from tests.tui.hands import burst, resize
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import running_app
from tests.tui.test_bursts import until
from tests.tui.test_docs import reading
from tests.tui.test_view import viewing

SIZES = [(80, 24), (7, 24), (6, 4), (5, 24), (3, 2), (80, 1), (1, 24), (1, 1), (2, 2), (400, 120)]
PAGES = ["pageup", "pagedown", "end", "home", "up", "down"]


async def survives(app: App[Any], keys: Iterable[str]) -> None:
    """Shrink the screen, and what each of ``keys`` asks, and move about in it; then leave."""
    for key in ["", *keys]:
        if key:
            burst(app, [key])
            await until(app, lambda: app.screen is not app.get_default_screen(), key)
        for size in SIZES:
            resize(app, *size)
            await until(app, lambda: app.screen.size == size, f"{key} at {size}")  # noqa: B023
            burst(app, PAGES)
            await asyncio.sleep(0.02)
        while app.screen is not app.get_default_screen():
            burst(app, ["escape"])
            await asyncio.sleep(0.01)
        resize(app, *SIZES[0])
    burst(app, ["q", "q"])
    await until(app, lambda: not app.is_running, "it does not end")


async def test_train_and_its_questions_survive_any_size(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(5)
        keys = ["l", "o", "x", "v", "L", "d", "e", "question_mark", "ctrl+p", "M"]
        await survives(stage.app, keys)


async def test_view_and_its_questions_survive_any_size(folder: Path) -> None:
    tables = [tidy_table(folder / name, 40) for name in ("one.csv", "two.csv")]
    async with viewing(*tables) as viewer:
        await survives(viewer.app, ["e", "p", "question_mark"])


async def test_docs_and_their_questions_survive_any_size() -> None:
    async with reading("view") as reader:
        await survives(reader.app, ["T", "ctrl+p"])


async def test_run_and_its_questions_survive_any_size(folder: Path) -> None:
    async with running_scripts(folder) as stage:
        await stage.press("O")
        await survives(stage.app, ["e", "question_mark"])
