"""The line at the top holds what there is room for, each part as a whole."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

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
    async with OneBar().run_test(size=(38, 3)) as pilot:
        bar = pilot.app.query_one(StatusBar)
        for progress in (before, after):
            bar.show((), progress)
            await pilot.pause()
        line = pilot.app.line  # type: ignore[attr-defined]  # it is the app above
        assert line.startswith(shown)
        assert line.endswith(after)
        assert "…" not in line
