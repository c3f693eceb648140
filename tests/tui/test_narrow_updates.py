"""What is sent to the terminal are the cells that changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

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


SIZES = [(120, 36), (80, 24), (170, 50), (40, 24), (60, 14), (30, 8)]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_is_drawn_of_each_widget_makes_the_screen_that_all_of_it_would(
    size: tuple[int, int], folder: Path
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(40)
        stage.app.say("A message lies over what is there.")
        await stage.shows("message")
        compositor, plain, console = stage.screen._compositor, Compositor(), stage.app.console
        plain.reflow(stage.screen, Size(*size))
        width, height = size
        for regions in (
            [stage.screen.region],
            *(
                [Region(x, y, 7, 2)]
                for x in range(0, width - 7, 11)
                for y in range(0, height - 1, 5)
            ),
            [Region(0, 0, 3, 1), Region(width - 5, height - 3, 5, 3)],
        ):
            plain._dirty_regions = set(regions)
            expected = plain.render_partial_update()
            compositor._dirty_regions = set(regions)
            update = compositor.render_partial_update()
            assert update is not None
            assert expected is not None
            drawn = NarrowUpdate(expected.chops, expected.spans, expected.chop_ends)
            assert update.render_segments(console) == drawn.render_segments(console)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[Widget, list[Region]]:
    """What was drawn of each widget."""
    found: dict[Widget, list[Region]] = {}
    render = Widget.render_lines

    def note(widget: Widget, crop: Region) -> list[Strip]:
        found.setdefault(widget, []).append(crop)
        return render(widget, crop)

    monkeypatch.setattr(Widget, "render_lines", note)
    return found


async def test_of_the_whole_screen_nothing_is_drawn_that_others_cover(
    folder: Path, asked: dict[Widget, list[Region]]
) -> None:
    async with running_app(folder.parent, size=(120, 36)) as stage:
        await stage.train(3)
        screen = stage.screen
        asked.clear()
        screen._compositor.render_full_update()
        behind = {screen, *screen.query("#panes, #below")}
        assert not behind & asked.keys()
        assert {screen.pane("A"), screen.pane("A").chart} <= asked.keys()


async def test_of_a_change_only_its_rows_are_drawn_and_only_of_what_is_in_front(
    folder: Path, asked: dict[Widget, list[Region]]
) -> None:
    async with running_app(folder.parent, size=(120, 36)) as stage:
        await stage.train(3)
        charts = [stage.chart(name) for name in ("A", "B")]
        compositor = stage.screen._compositor
        asked.clear()
        inside = [Region(chart.region.x + 5, chart.region.y + 4, 9, 1) for chart in charts]
        compositor._dirty_regions = {inside[0], inside[1].translate((0, 3))}
        compositor.render_partial_update()
        width = charts[0].size.width
        assert asked == {
            charts[0]: [Region(0, 4, width, 1)],
            charts[1]: [Region(0, 7, width, 1)],
        }


async def test_nothing_is_laid_out_for_what_is_not_displayed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(3)
        await stage.until(lambda: stage.screen.query("Banner .echo"), "what an audience sees")
        await stage.pilot.pause()
        arranged: list[object] = []
        arrange = Compositor._arrange_root

        def note(compositor: Compositor, root: Widget, *how: Any, **named: Any) -> Any:
            arranged.append(root)
            return arrange(compositor, root, *how, **named)

        monkeypatch.setattr(Compositor, "_arrange_root", note)
        hidden = stage.screen.query_one("Banner .echo", Static)
        stage.screen._compositor.update_widgets({hidden, stage.chart("A")})
        assert stage.chart("A") in stage.screen._compositor.full_map
        assert arranged == []
