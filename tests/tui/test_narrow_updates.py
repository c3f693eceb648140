"""What is sent to the terminal are the cells that changed."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.tui.runs_stage import FakeLive, lose, showing
from tests.tui.stage import running_app
from zgtui.tui.narrow_updates import NarrowUpdate

CONTROL = re.compile(r"\x1b\[(\d+);(\d+)H")


def sent(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, str]]:
    """Row, column and text of each piece written, of two lines of two widgets."""
    lines = [{0: Strip([Segment("abc"), Segment("def")]), 6: Strip([Segment("ghij")])}] * 2
    written = NarrowUpdate(lines, spans, [[6, 10]] * 2).render_segments(Console())
    parts = CONTROL.split(written)[1:]
    return [
        (int(row) - 1, int(column) - 1, text)
        for row, column, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def test_a_piece_begins_and_ends_where_the_change_does() -> None:
    assert sent([(0, 4, 5)]) == [(0, 4, "e")]
    assert sent([(1, 2, 8)]) == [(1, 2, "cdef"), (1, 6, "gh")]
    assert sent([(0, 0, 10)]) == [(0, 0, "abcdef"), (0, 6, "ghij")]
    assert sent([(0, 0, 1), (0, 9, 10)]) == [(0, 0, "a"), (0, 9, "j")]


def test_a_border_between_two_widgets_belongs_to_one_of_them() -> None:
    assert sent([(0, 3, 6)]) == [(0, 3, "def")]
    assert sent([(0, 6, 7)]) == [(0, 6, "g")]


async def test_one_new_loss_of_a_long_curve_sends_no_row_of_its_chart() -> None:
    live = FakeLive()
    for name in ("A", "B"):
        lose(live, name, [1.0, 3.0] * 95)
    async with showing(live) as (screen, pilot):
        compositor = screen._compositor
        chart = screen.pane("A").chart
        lose(live, "A", [2.0, 1.0, 3.0])
        chart.update_data()
        await pilot.pause()
        regions = [Region(chart.content_region.right - 3, chart.content_region.y + 1, 2, 1)]
        compositor.update_widgets({chart})
        compositor._dirty_regions = set(regions)
        update = compositor.render_partial_update()
        assert isinstance(update, ChopsUpdate)
        cells = re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", update.render_segments(Console()))
        assert len(cells) == 2


async def test_a_pane_that_grows_is_told_so_though_its_place_was_asked_for_meanwhile(
    folder: Path,
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.press("A")
        pane = stage.screen.pane("A")
        await stage.until(lambda: "weights" in pane.noted, "what it started from")
        await stage.shows(f" {pane.noted} ─╯")
