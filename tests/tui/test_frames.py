"""A frame is drawn in pieces, and what a key changes does not wait for it."""

from __future__ import annotations

import gc
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tui.stage import running_app
from zgtui.tui import base_app
from zgtui.tui.app import ZgtuiApp


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
