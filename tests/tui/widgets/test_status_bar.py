"""The line at the top holds what there is room for, each part as a whole."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.support.waiting import until_then
from zgtui.tui.widgets.status_bar import StatusBar


class OneBar(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusBar(" · ")

    @property
    def line(self) -> str:
        return self.screen._compositor.render_strips()[0].text.strip()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("step 1", "paused · A step 123 · B step 123", "paused · A step 123 · B step 123"),
        ("paused · A step 123 · B step 123", "step 1", "zgtui"),
        ("step 1", "A step 12,345 · B step 12,345", "zgtui"),
    ],
)
async def test_the_name_is_whole_or_left_out(before: str, after: str, shown: str) -> None:
    app = OneBar()

    def fits(progress: str, begins: str) -> bool:
        line = app.line
        return line.startswith(begins) and line.endswith(progress) and "…" not in line

    async with app.run_test(size=(38, 3)) as pilot:
        bar = app.query_one(StatusBar)
        bar.show((), before)
        await until_then(lambda: fits(before, ""), lambda: app.line, pilot.pause)
        bar.show((), after)
        await until_then(lambda: fits(after, shown), lambda: app.line, pilot.pause)
