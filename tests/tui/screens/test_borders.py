"""Panes are as large as hands make them, by mouse and by key, and stay so."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from tests.support.tables import tidy_table
from tests.support.waiting import until_then
from tests.tui.hands import burst, resize
from tests.tui.runs_stage import FakeLive, lose, showing
from tests.tui.stage import Stage, running_app
from tests.tui.view_stage import viewing
from zgtui.config.settings import RUNS
from zgtui.tui.screens.borders import COLUMNS, MIN_ROWS
from zgtui.tui.widgets.key_footer import KeyFooter


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


def width(app: App[None], selector: str) -> int:
    return app.screen.query_one(selector).outer_size.width


def height(app: App[None], selector: str) -> int:
    return app.screen.query_one(selector).outer_size.height


def edge(widget: Widget) -> tuple[int, int]:
    """A cell of its right border."""
    return widget.region.right - 1, widget.region.y + 3


async def test_the_border_between_both_runs_is_dragged_and_stays_there(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 30)) as stage:
        app, pilot = stage.app, stage.pilot
        before = width(app, "#run-A")
        await drag(pilot, edge(app.screen.query_one("#run-A")), (69, 6))
        assert (width(app, "#run-A"), width(app, "#run-B")) == (70, 30)
        assert before == 50
        await stage.train(3)
        await stage.press("A", "A", "A", "w", "w")  # one chart, the difference, and back
        assert (width(app, "#run-A"), width(app, "#run-B")) == (70, 30)
        resize(app, 200, 60)
        await pilot.pause()
        assert (width(app, "#run-A"), width(app, "#run-B")) == (140, 60)


async def test_a_drag_ends_where_a_pane_has_its_least_size_and_comes_back(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 30)) as stage:
        app, pilot = stage.app, stage.pilot
        await pilot.mouse_down(offset=edge(app.screen.query_one("#run-A")))
        await pilot.hover(offset=(99, 5))
        await pilot.pause()
        assert (width(app, "#run-A"), width(app, "#run-B")) == (88, 12)
        await pilot.hover(offset=(59, 5))
        await pilot.mouse_up(offset=(59, 5))
        await pilot.pause()
        assert width(app, "#run-A") == 60
        await pilot.hover(offset=(20, 5))  # with no button down
        await pilot.pause()
        assert width(app, "#run-A") == 60


async def test_a_second_click_on_a_border_puts_it_back(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 30)) as stage:
        app, pilot = stage.app, stage.pilot
        await drag(pilot, edge(app.screen.query_one("#run-A")), (69, 6))
        await pilot.click(offset=edge(app.screen.query_one("#run-A")), times=2)
        await pilot.pause()
        assert width(app, "#run-A") == width(app, "#run-B") == 50


async def test_what_is_below_the_charts_gets_more_room_and_the_keys_do_the_same(
    folder: Path,
) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        app, pilot = stage.app, stage.pilot
        below, whole = height(app, "#below"), height(app, "#below") + height(app, "#panes")
        top = app.screen.query_one("#below").region.y
        await drag(pilot, (30, top), (30, top - 8))
        assert height(app, "#below") == below + 8
        await stage.press("ctrl+down", "ctrl+down")
        assert height(app, "#below") == below + 6
        await stage.press("ctrl+left", "ctrl+left")
        assert (width(app, "#run-A"), width(app, "#run-B")) == (42, 58)
        await stage.press("ctrl+right")
        assert width(app, "#run-A") == 46
        await stage.press("D", "U", "U", "W")  # where macOS takes the others
        assert height(app, "#below") == below + 7
        assert width(app, "#run-A") == 42
        await stage.press("D", "E")
        assert height(app, "#below") + height(app, "#panes") == whole
        code = app.screen.query_one("#code")
        await drag(pilot, edge(code), (edge(code)[0] + 5, edge(code)[1]))
        assert code.outer_size.width + width(app, "#notes") == 100


async def test_a_drag_in_a_chart_moves_no_border() -> None:
    live = FakeLive()
    lose(live, "A", [1.0] * 30)
    async with showing(live) as (screen, pilot):
        before = [pane.outer_size for pane in screen.panes]
        await drag(pilot, (20, 8), (35, 8))
        assert [pane.outer_size for pane in screen.panes] == before
        assert screen.window is not None


async def test_one_pane_above_the_other_has_a_border_too(folder: Path) -> None:
    async with running_app(folder.parent, size=(60, 30)) as stage:
        app = stage.app
        both = height(app, "#run-A") + height(app, "#run-B")
        await stage.press("ctrl+up", "ctrl+up", "ctrl+up")
        assert height(app, "#run-A") == both // 2 - 3
        await stage.press("ctrl+left")
        await says(stage, "There is no border here that moves that way")


async def test_a_border_moves_as_often_as_its_key_is_pressed_however_fast(folder: Path) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        await stage.train(3)
        below = height(stage.app, "#below")
        burst(stage.app, [*"UUUUUUDD", *"EEEEEWW"])
        await stage.until(lambda: width(stage.app, "#run-A") == 50 + 3 * COLUMNS, "moved right")
        await stage.until(lambda: height(stage.app, "#below") == below + 4, "moved up")
        burst(stage.app, [*"DDDDDDDDDDDDUU"])  # as low as can be, and back from there
        await stage.until(lambda: height(stage.app, "#below") == MIN_ROWS + 2, "moved down")


async def test_a_border_at_the_least_size_of_a_panel_says_so_and_comes_back_at_once(
    folder: Path,
) -> None:
    async with running_app(folder.parent, size=(100, 40)) as stage:
        await stage.train(3)
        await stage.press("k", *"DDDD")
        least = height(stage.app, "#below")
        assert least > MIN_ROWS
        await says(stage, "This border cannot move further")
        await stage.press("U")
        await stage.until(lambda: height(stage.app, "#below") == least + 1, "a row more")


async def says(stage: Stage, text: str) -> None:
    await stage.until(lambda: any(text in one.message for one in stage.app._notifications), text)


@pytest.mark.parametrize(
    ("size", "key", "larger"),
    [((80, 24), "ctrl+right", "width"), ((60, 40), "ctrl+down", "height")],
)
async def test_charts_of_view_are_resized_too(
    tmp_path: Path, size: tuple[int, int], key: str, larger: str
) -> None:
    async with viewing(tidy_table(tmp_path / "losses.csv", 20), size=size) as viewer:
        first, second = viewer.app.main_screen.panes
        await viewer.press(*[key] * 3)
        by = 12 if larger == "width" else 3
        sizes = [getattr(pane.outer_size, larger) for pane in (first, second)]
        assert sizes[0] - sizes[1] in {2 * by - 1, 2 * by, 2 * by + 1}
        edge_cell = edge(first) if larger == "width" else (10, first.region.bottom - 1)
        await drag(viewer.pilot, edge_cell, (edge_cell[0] - 3, edge_cell[1] - 3))
        assert getattr(first.outer_size, larger) == sizes[0] - 3
        assert sum(getattr(pane.outer_size, larger) for pane in (first, second)) == sum(sizes)
        burst(viewer.app, [key] * 2)
        more = by // 3 * 2
        await until_then(
            lambda: getattr(first.outer_size, larger) == sizes[0] - 3 + more,
            lambda: f"moved as often: {first.outer_size}",
        )


@pytest.mark.parametrize("size", [(100, 40), (60, 40)])
async def test_however_the_panes_are_moved_and_looked_at_each_is_whole_on_the_screen(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(3)
        below = height(stage.app, "#below")
        await stage.press("ctrl+right", "ctrl+right", "ctrl+up", "ctrl+up")
        moved = sizes(stage)
        for key in ("A", "A", "A"):
            await stage.press(key)
            everything_is_inside(stage, key)
            if stage.screen.together:
                lines = stage.drawn(stage.screen.pane("B"))
                assert all(line.strip() for line in lines), "nothing stands below its words"
        assert sizes(stage) == moved
        assert (height(stage.app, "#below") == below) is (size[0] == 60), "moved where it can be"
        burst(stage.app, ["ctrl+down"] * 20)
        await stage.press("ctrl+down")
        everything_is_inside(stage, "as low as can be")
        burst(stage.app, ["ctrl+up"] * 20)
        await stage.press("ctrl+up")
        for columns, rows in [(60, 40), (100, 40), (50, 30), (120, 30), size]:
            resize(stage.app, columns, rows)
            await stage.pilot.pause()
            everything_is_inside(stage, f"{columns}x{rows}")


def sizes(stage: Stage) -> list[tuple[int, int]]:
    return [stage.screen.pane(name).outer_size for name in RUNS]


def everything_is_inside(stage: Stage, when: str) -> None:
    for widget in stage.app.screen.query("#run-A, #run-B, #code, #notes").results(Widget):
        if widget.region:
            assert stage.app.screen.region.contains_region(widget.region), (when, widget)
    for name in RUNS:
        chart = stage.chart(name)
        pane = stage.screen.pane(name).region
        assert not chart.size or pane.contains_region(chart.region), (when, name)


@pytest.mark.parametrize("size", [(80, 24), (100, 40), (40, 12), (80, 18), (80, 8), (30, 8)])
@pytest.mark.parametrize("moved", ["", "UUUU", "DDDDDD"])
async def test_one_panel_alone_leaves_losses_states_and_curves_and_is_whole(
    folder: Path, size: tuple[int, int], moved: str
) -> None:
    async with running_app(folder.parent, size=size) as stage:
        await stage.train(3)
        await stage.press(*moved)
        for panel in "wki":
            await stage.press(panel)
            for key in ("A", "P", "A", "A", "P"):
                await stage.press(key)
                words_are_seen(stage, f"{panel} {key}")
            assert stage.screen.only
            await stage.press("escape")
            assert not stage.screen.only, "all panels again"


@pytest.mark.parametrize("panel", ["w", "k", "i"])
async def test_eighteen_rows_are_enough_for_a_curve_and_a_panel(folder: Path, panel: str) -> None:
    async with running_app(folder.parent, size=(80, 18)) as stage:
        await stage.train(3)
        for key in (panel, "A", "A"):
            await stage.press(key)
            await stage.until(
                lambda: all(one.chart.size.height >= MIN_ROWS for one in stage.screen.panes),
                f"five rows after {key}",
            )
        if panel == "k":
            await stage.shows("optimizer.zero_grad()  A every  B never", "optimizer.step()")


@pytest.mark.parametrize(
    ("panel", "said"), [("w", "A is ahead"), ("k", "if clearing"), ("i", "A ")]
)
async def test_on_eight_rows_a_panel_comes_too(folder: Path, panel: str, said: str) -> None:
    async with running_app(folder.parent, size=(80, 8)) as stage:
        await stage.train(3)
        rows = [line.rstrip() for line in stage.text.splitlines()[3:]]
        assert not any(rows)
        await stage.press(panel)
        await stage.until(
            lambda: any(said in line for line in stage.text.splitlines()[3:]), "the panel"
        )


def words_are_seen(stage: Stage, when: str) -> None:
    bottom = stage.app.screen.query_one(KeyFooter).region.y or stage.app.screen.region.bottom
    for name in RUNS:
        pane = stage.screen.pane(name)
        for caption in pane.query(".caption").results(Widget):
            assert pane.content_region.contains_region(caption.region), (when, name, stage.text)
            assert caption.region.bottom <= bottom, (when, name, stage.text)
    for charted in stage.screen.panes:
        assert charted.chart.size.height or not charted.chart.display, (when, stage.text)
    for panel in stage.app.screen.query("#below > *").results(Widget):
        if panel.display:
            assert panel.region.bottom <= bottom, (when, panel, stage.text)
