"""A frame is drawn in pieces, and what a key changes does not wait for it."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import ReflowResult
from textual.events import Key
from textual.geometry import Region, Size
from textual.widget import Widget

from tests.tui.stage import Stage, running_app
from zgtui.config.settings import Settings
from zgtui.tui import base_app
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.model.base import ANSWER_LIMIT


async def test_no_key_waits_for_a_search_through_what_came_with_the_first_frames(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(base_app, "SETTLING", (0.05, 0.1))
    monkeypatch.setattr(base_app, "gc", SimpleNamespace(
        enable=gc.enable,
        collect=lambda: done.append("collect"),
        freeze=lambda: done.append("freeze"),
    ))  # fmt: skip
    async with running_app(folder.parent) as stage:
        settled = ["freeze", *["collect", "freeze"] * 2]
        await stage.until(lambda: done == settled, "both")
        stage.app._pressed_at = inf
        stage.app._settle()
        assert done == settled, "while a key is answered"


async def no_frame(_app: ZgtuiApp) -> None:
    """The timer draws nothing."""


async def test_a_key_is_answered_before_the_charts_are_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    async with running_app(folder.parent, running=False) as stage:
        charts = [stage.chart(name) for name in ("A", "B")]
        before = [stage.drawn(chart) for chart in charts]
        stage.worker.train(50)
        await stage.press("z")
        await stage.until(lambda: "every step" in str(stage.screen.pane("B").border_title), "B")
        assert [stage.drawn(chart) for chart in charts] == before
        stage.app.tick()
        await stage.until(lambda: stage.drawn(charts[1]) != before[1], "its curve")


async def test_each_chart_is_drawn_in_a_piece_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    async with running_app(folder.parent, running=False) as stage:
        stage.worker.train(50)
        stage.app.take_in()
        charts = [stage.chart(name) for name in ("A", "B")]
        before = [list(chart._rows) for chart in charts]
        changed = [
            [chart._rows != rows for chart, rows in zip(charts, before, strict=True)]
            for _ in stage.screen.frame()
        ]
        assert changed == [[False, False], [True, False], [True, True]], "the words, A, B"


class Painted:
    """What is laid out and painted of the screen of ``stage`` from now on."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layouts = 0
        self.regions: list[Region] = []
        compositor = stage.screen._compositor
        reflow, render = compositor.reflow, compositor.render_update

        def counted(parent: Widget, size: Size) -> ReflowResult:
            self.layouts += 1
            return reflow(parent, size)

        def noted(**how: Any) -> RenderableType | None:
            self.regions += compositor._dirty_regions
            return render(**how)

        monkeypatch.setattr(compositor, "reflow", counted)
        monkeypatch.setattr(compositor, "render_update", noted)


UNSIZED = (
    "z", "Z", "plus", "minus", "greater_than_sign", "tab", "y", "I", "S", "number_sign", "m",
    "full_stop", "X",
)  # fmt: skip
"""Keys that change words, colours and curves, and the size of nothing."""


@pytest.mark.parametrize("key", UNSIZED)
async def test_nothing_is_laid_out_for_a_key_that_changes_no_size(
    key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent, size=(120, 36), running=False) as stage:
        await stage.train(5)
        await stage.press("tab", key)  # once before: numbers get another width
        await stage.caught_up()
        painted = Painted(stage, monkeypatch)
        before = stage.text
        await stage.press(key)
        await stage.until(lambda: key == "tab" or stage.text != before, "its effect")
        assert painted.layouts == 0
        assert stage.screen.region not in painted.regions


async def test_of_a_pane_whose_title_changes_one_row_is_painted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent, size=(120, 36), running=False) as stage:
        await stage.train(5)
        painted = Painted(stage, monkeypatch)
        await stage.press("z")
        await stage.shows("B  zero_grad() every step")
        pane = stage.screen.pane("B").region
        assert Region(pane.x, pane.y, pane.width, 1) in painted.regions
        assert pane not in painted.regions


async def test_what_a_key_has_changed_is_painted_in_the_turn_in_which_it_is_confirmed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    async with running_app(folder.parent, size=(120, 36), running=False) as stage:
        stage.worker.train(5)
        stage.app.tick()
        await stage.pilot.pause()
        painted = Painted(stage, monkeypatch)
        stage.worker.train(1)
        stage.app._refresh_now()
        assert stage.screen.pane("A").query_one(".numbers").region in painted.regions


async def test_a_key_that_comes_while_a_frame_is_drawn_is_handled_before_its_next_piece(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ZgtuiApp.draw_frame
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    async with running_app(folder.parent, running=False) as stage:
        asked: list[int] = []

        def pieces() -> Iterator[None]:
            count = len(stage.worker.commands)
            stage.app.key_read()
            stage.app.post_message(Key("z", "z"))
            yield
            asked.append(len(stage.since(count)))

        monkeypatch.setattr(stage.screen, "frame", pieces)
        stage.app.key_read()  # of one that is drawn while a key is answered, all is drawn
        await draw(stage.app)
        assert asked == [1]


async def test_what_is_confirmed_while_a_frame_is_drawn_is_shown_before_its_next_piece(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ZgtuiApp.draw_frame
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    async with running_app(folder.parent, running=False) as stage:
        done: list[str] = []
        reader, writer = os.pipe()

        def confirmed() -> None:
            os.read(reader, 1)
            stage.app.refresh_soon()

        def pieces() -> Iterator[None]:
            os.write(writer, b".")
            yield
            done.append("piece")

        monkeypatch.setattr(stage.screen, "frame", pieces)
        monkeypatch.setattr(stage.screen, "answer", lambda: done.append("answer"))
        asyncio.get_running_loop().add_reader(reader, confirmed)
        try:
            await draw(stage.app)
        finally:
            asyncio.get_running_loop().remove_reader(reader)
            os.close(reader)
            os.close(writer)
        assert done == ["answer", "piece"]


async def test_no_key_waits_until_all_is_read_that_was_trained_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ZgtuiApp.draw_frame
    monkeypatch.setattr(ZgtuiApp, "draw_frame", no_frame)
    settings = Settings(steps=10_000)
    async with running_app(folder.parent, settings, running=False) as stage:
        history = stage.app.live.runs["A"].history
        stage.worker.train(3 * ANSWER_LIMIT)
        stage.app._refresh_now()
        assert history.steps == ANSWER_LIMIT
        await draw(stage.app)
        assert history.steps == 3 * ANSWER_LIMIT
