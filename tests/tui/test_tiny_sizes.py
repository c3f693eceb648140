"""No terminal is too small for a screen or a question: it is shown again once there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App

from tests.support.tables import tidy_table
from tests.tui.docs_stage import reading
from tests.tui.hands import burst, resize
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import running_app
from tests.tui.view_stage import viewing
from tests.tui.waiting import until
from zgtui.charts.words import number
from zgtui.config.settings import RUNS
from zgtui.lessons import LESSONS

SMALL = 40, 12
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


def seen(app: App[Any]) -> str:
    """What is on the screen, line by line."""
    width = app.screen.size.width
    return "\n".join(line.text[:width] for line in app.screen._compositor.render_strips())


def shows_what_matters(text: str, losses: Iterable[str], states: Iterable[str]) -> None:
    for words in (*losses, *states, "? help", "q quit"):
        assert words in text, text


async def test_the_app_its_lessons_and_its_presenter_show_what_matters_when_small(
    folder: Path,
) -> None:
    async with running_app(folder.parent, size=SMALL) as stage:
        await stage.train(3)
        losses = [f"loss {number(stage.app.live.runs[name].history.last)}" for name in RUNS]
        shows_what_matters(seen(stage.app), losses, ["training", "step 3"])
        await stage.press("P")
        shows_what_matters(seen(stage.app), losses, ["training", "step 3"])
        await stage.press("P")
        stage.screen.open_lesson(LESSONS["invisible"])
        await stage.shows("paused · step 0")
        await stage.until(lambda: stage.worker.commands, "its own comparison")
        stage.worker.train(3)
        await stage.until(lambda: "step 3" in seen(stage.app), "three steps")
        losses = [f"{name} loss {number(stage.app.live.runs[name].history.last)}" for name in RUNS]
        shows_what_matters(seen(stage.app), losses, ["step 3", "1/6 · Right: next"])
        await stage.press("right")
        shows_what_matters(seen(stage.app), losses, ["2/6 · Right: next · Esc: close"])


async def test_run_shows_what_matters_when_small(folder: Path) -> None:
    async with running_scripts(folder, size=SMALL) as stage:
        shows_what_matters(seen(stage.app), ["loss –"], ["training", "A step 0", "B step 0"])


async def test_view_shows_what_matters_when_small(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = "".join(f"A,{step},{0.5**step!r}\nB,{step},{2.0**step!r}\n" for step in range(1, 41))
    table.write_text(f"run,step,loss\n{rows}", encoding="utf-8")
    async with viewing(table, size=SMALL) as viewer:
        losses = [f"loss {number(0.5**40)}", f"loss {number(2.0**40)}"]
        shows_what_matters(seen(viewer.app), losses, ["growing", "step 40"])
