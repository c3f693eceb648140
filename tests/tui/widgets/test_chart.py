from __future__ import annotations

import math
import re
import sys
from array import array
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from zgtui.charts import plot
from zgtui.config.options import MARKERS, Marker
from zgtui.curves.history import LossHistory
from zgtui.tui.widgets.chart import Curve, LossChart, Mark

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from textual.pilot import Pilot

BLUE, ORANGE = "#56b4e9", "#e69f00"


class Spy(LossChart):
    """Notes what it asks to be repainted."""

    def __init__(self) -> None:
        self.repainted: list[tuple[Region, ...]] = []
        self.pointed: list[tuple[float | None, bool]] = []
        super().__init__()

    def on_mouse_chart_pointed(self, event: LossChart.Pointed) -> None:
        self.pointed.append((event.step, event.pinned))

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Spy:
        self.repainted.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Screen(App[None]):
    CSS = "Spy { background: $surface; }"

    def compose(self) -> ComposeResult:
        yield Spy()


def history(losses: Sequence[float]) -> LossHistory:
    kept = LossHistory()
    kept.extend(array("d", losses))
    return kept


@asynccontextmanager
async def charted(
    *curves: Curve, size: tuple[int, int] = (40, 12), grid: bool = False
) -> AsyncIterator[tuple[Spy, Pilot[None]]]:
    app = Screen()
    async with app.run_test(size=size, tooltips=True) as pilot:
        chart = app.query_one(Spy)
        chart.grid, chart.curves = grid, curves
        await pilot.pause()
        yield chart, pilot


def shown(chart: LossChart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


def ticks(chart: LossChart) -> list[str]:
    """The labels of the step axis."""
    return shown(chart)[-1].replace("step", "").split()


def canvas(chart: LossChart) -> list[str]:
    """The part of the picture in which curves are drawn."""
    return [line[6:] for line in shown(chart)[:-2]]


def colours(chart: LossChart, glyphs: str) -> set[str]:
    return {
        segment.style.color.name
        for y in range(chart.size.height)
        for segment in chart.render_line(y)
        if segment.style and segment.style.color and set(segment.text) & set(glyphs)
    }


async def test_an_empty_chart_says_so_in_its_middle() -> None:
    async with charted(Curve(history([]), BLUE)) as (chart, _):
        lines = shown(chart)
        assert lines[5] == "no steps yet".center(40)
        assert not "".join(lines[:5] + lines[6:]).strip()
        chart.placeholder = "importing PyTorch"
        assert lines[5] != shown(chart)[5]
        assert shown(chart)[5].strip() == "importing PyTorch"


async def test_an_empty_chart_needs_no_plotext(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing it takes time that the first frame must not wait for."""
    monkeypatch.setitem(sys.modules, "plotext", None)
    async with charted(Curve(history([]), BLUE)) as (chart, _):
        assert "no steps yet" in "".join(shown(chart))


async def test_a_run_without_any_finite_loss_is_not_called_empty() -> None:
    async with charted(Curve(history([math.nan, math.inf]), BLUE)) as (chart, _):
        assert "".join(shown(chart)).strip() == "no finite loss"


async def test_nothing_is_drawn_anew_when_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with charted(Curve(history([1, 0.5]), BLUE)) as (chart, _):
        monkeypatch.setattr(plot, "draw", None)
        assert not chart.update_data()


async def test_the_notice_goes_away_with_the_first_step() -> None:
    losses = history([])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        losses.extend(array("d", [0.5]))
        assert chart.update_data()
        assert "no steps yet" not in "".join(shown(chart))
        assert "•" in "".join(canvas(chart))


async def test_the_curve_is_drawn_in_its_colour_over_the_background_of_the_widget() -> None:
    async with charted(Curve(history([1, 0.5, 0.2]), BLUE)) as (chart, _):
        chart.marker = "dot"
        assert colours(chart, "•") == {BLUE}
        backgrounds = {
            segment.style.bgcolor
            for y in range(chart.size.height)
            for segment in chart.render_line(y)
            if segment.style
        }
        assert backgrounds == {chart.rich_style.bgcolor}


async def test_the_theme_s_colours_are_followed() -> None:
    async with charted(Curve(history([1, 0.5, 0.2]), "$primary")) as (chart, pilot):
        chart.marker = "dot"
        found = []
        for theme in ("textual-dark", "textual-light", "nord"):
            pilot.app.theme = theme
            await pilot.pause()
            found.append((*colours(chart, "•"), *colours(chart, "┤"), *colours(chart, "0")))
            assert colours(chart, "•") == {pilot.app.theme_variables["primary"].lower()}
        assert len({frame for _, frame, _ in found}) == 3


async def test_nothing_is_repainted_when_nothing_changed() -> None:
    async with charted(Curve(history([1, 0.5, 0.2]), BLUE)) as (chart, _):
        chart.repainted.clear()
        assert not chart.update_data()
        assert chart.repainted == []


async def test_only_cells_that_differ_are_repainted() -> None:
    losses = history([1.0, *[0.0] * 9])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        before = shown(chart)
        chart.repainted.clear()
        losses.extend(array("d", [0.0] * 5))
        assert chart.update_data()
        after = shown(chart)
        assert [y for y in range(12) if before[y] != after[y]] == [9]
        columns = [x for x in range(40) if before[9][x] != after[9][x]]
        assert chart.repainted == [(Region(columns[0], 9, len(columns), 1),)]


async def test_curves_of_another_colour_are_drawn_in_it() -> None:
    losses = history([1, 0.5])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        chart.marker = "dot"
        chart.curves = (Curve(losses, ORANGE),)
        assert colours(chart, "•") == {ORANGE}


async def test_what_the_terminal_shows_is_what_a_full_repaint_would_show() -> None:
    losses = history([0.3])
    async with charted(Curve(losses, BLUE), size=(50, 14)) as (chart, pilot):
        for step in range(60):
            losses.extend(array("d", [abs(math.cos(step)) * 1.05**step]))
            chart.update_data()
            await pilot.pause()
        partly = pilot.app.screen._compositor.render_strips()
        chart.refresh()
        await pilot.pause()
        wholly = pilot.app.screen._compositor.render_strips()
        assert [strip.text for strip in partly] == [strip.text for strip in wholly]


async def test_news_between_two_updates_leaves_no_row_behind() -> None:
    losses = history([1.0, 0.5])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        before = shown(chart)
        losses.extend(array("d", [7.0]))
        assert shown(chart) == before
        assert chart.update_data()
        assert shown(chart) != before


async def test_the_axes_stand_still_while_the_run_goes_on() -> None:
    losses = history([0.3])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        axis = shown(chart)[-2:]
        gutter = [line[:6] for line in shown(chart)]
        for step in range(2, 21):
            losses.extend(array("d", [0.3 / step]))
            chart.update_data()
            assert shown(chart)[-2:] == axis
            assert [line[:6] for line in shown(chart)] == gutter
        losses.extend(array("d", [0.1]))
        chart.update_data()
        assert ticks(chart)[-1] in {"40", "50"}


async def test_the_step_axis_covers_the_planned_run() -> None:
    async with charted(Curve(history([0.3]), BLUE), size=(60, 12)) as (chart, _):
        chart.planned = 400
        assert ticks(chart) == ["0", "100", "200", "300", "400"]


async def test_plotext_is_never_given_more_than_two_points_a_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[int] = []
    real = plot.draw_placed

    def counted(
        width: int, height: int, lines: Sequence[plot.PlacedLine], marker: Marker
    ) -> list[plot.InkedRow]:
        given.append(max(len(columns) for line in lines for columns, _ in line.pieces))
        return real(width, height, lines, marker)

    monkeypatch.setattr(plot, "draw_placed", counted)
    losses = history([math.cos(step) for step in range(20_000)])
    async with charted(Curve(losses, BLUE), size=(46, 12)):
        assert 40 < given[-1] <= 80


async def test_labels_of_any_length_leave_the_curve_its_column() -> None:
    losses = history([0.3])
    async with charted(Curve(losses, BLUE)) as (chart, _):
        losses.extend(array("d", [1.234e-5, 123_456.0]))
        chart.update_data()
        wide = [line.index("┤") for line in shown(chart) if "┤" in line]
        assert len(set(wide)) == 1
        chart.curves = (Curve(history([0.3]), BLUE),)
        assert {line.index("┤") for line in shown(chart) if "┤" in line} == {5}


async def test_a_logarithmic_axis_marks_zeros_instead_of_drawing_a_plateau() -> None:
    async with charted(Curve(history([1, 1e-3, 0.0, 0.0]), BLUE)) as (chart, _):
        chart.log_scale = True
        chart.marker = "dot"
        assert [line[:5].strip() for line in shown(chart) if "┤" in line] == [
            "1e0", "1e-1", "1e-2", "1e-3",
        ]  # fmt: skip
        assert canvas(chart)[-1].rstrip().endswith("• 0 0")


async def test_a_run_that_diverged_keeps_its_curve() -> None:
    losses = [1.0, 1e10, 1e38, math.inf, math.nan, math.nan]
    async with charted(Curve(history(losses), BLUE)) as (chart, _):
        chart.log_scale = True
        chart.marker = "dot"
        columns = {x for line in canvas(chart) for x, cell in enumerate(line) if cell == "•"}
        assert columns == set(range(2, 6))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "losses",
    [
        [math.nan] * 3,
        [math.inf],
        [-1.0, -2.0],
        [0.0],
        [3.0] * 50,
        [5e-324, 1e300],
        [-1.7e308, 1.7e308],
    ],
)
async def test_any_losses_are_survived_at_any_size(losses: list[float], log: bool) -> None:  # noqa: FBT001 - parametrised
    async with charted(Curve(history(losses), BLUE)) as (chart, pilot):
        chart.log_scale = log
        chart.marks = (Mark(1, "lr 0.1"), Mark(3, "never"))
        for size in [
            (1, 1),
            (2, 5),
            (5, 2),
            (11, 3),
            (14, 5),
            (20, 5),
            (200, 3),
            (3, 50),
            (160, 50),
        ]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert {len(line) for line in shown(chart)} == {size[0]}


@pytest.mark.parametrize("size", [(1, 1), (4, 1), (11, 3), (13, 30), (60, 4)])
async def test_where_axes_do_not_fit_the_curve_is_drawn_alone(size: tuple[int, int]) -> None:
    async with charted(Curve(history([1, 0, 1, 0, 1] * 4), BLUE), size=size) as (chart, _):
        drawn = "".join(shown(chart))
        assert not set(drawn) & set("┤└0123456789")
        assert drawn.strip()


@pytest.mark.parametrize("marker", MARKERS)
async def test_a_prediction_differs_from_the_run_without_colour(marker: Marker) -> None:
    curves = (
        Curve(history([0.5] * 5), BLUE, "A"),
        Curve(history([0.5] * 10 + [1.0] * 10), ORANGE, "predicted", dotted=True),
    )
    async with charted(*curves) as (chart, _):
        chart.marker = marker
        dot = "." if marker == "ascii" else "·"
        assert colours(chart, dot) == {ORANGE} | ({chart_label(chart)} if dot == "." else set())
        assert BLUE in colours(chart, "".join(canvas(chart)).replace(" ", ""))


def chart_label(chart: LossChart) -> str:
    color = chart.get_component_rich_style("loss-chart--label").color
    assert color
    return color.name


@pytest.mark.parametrize(("marker", "level", "upright"), [
    ("braille", "┈", "┊"), ("octant", "┈", "┊"), ("dot", "-", "¦"), ("ascii", "-", ":"),
])  # fmt: skip
async def test_a_grid_goes_on_from_the_ticks_of_both_axes_and_hides_no_curve(
    marker: Marker, level: str, upright: str
) -> None:
    async with charted(Curve(history([1, 0] * 5), BLUE), grid=False) as (chart, _):
        chart.marker = marker
        plain = shown(chart)
        chart.grid = True
        lines = shown(chart)
        edge = "+|" if marker == "ascii" else "┤│"
        ticked = [edge[0] in line[:7] for line in lines[:-3]]
        assert [level in line[6:] for line in lines[:-3]] == ticked
        assert any(ticked)
        for at, mark in enumerate(lines[-2]):
            column = {line[at] for line in lines[:-2]}
            assert (upright in column) == (at > 6 and mark in "┬+")
        for before, after in zip(plain, lines, strict=True):
            assert all(old in {" ", new} for old, new in zip(before, after, strict=True))


async def test_there_is_no_grid_where_a_chart_is_low() -> None:
    async with charted(Curve(history([1, 0] * 5), BLUE), size=(40, 5), grid=True) as (chart, _):
        assert not set("".join(shown(chart))) & set("┈┊")


@pytest.mark.parametrize("height", [6, 7])
async def test_a_chart_of_few_rows_has_a_grid_and_names(height: int) -> None:
    curve = Curve(history([1, 0] * 5), BLUE)
    async with charted(curve, size=(60, height), grid=True) as (chart, _):
        assert set("".join(shown(chart))) >= set("┈┊")
        assert [line[:5].strip() for line in shown(chart) if "loss" in line] == ["loss"]
        assert "step" in shown(chart)[-1]


async def test_in_ascii_everything_is_ascii() -> None:
    async with charted(Curve(history([1, 0.5]), BLUE), grid=True) as (chart, pilot):
        chart.marker = "ascii"
        chart.marks = (Mark(10, "lr 0.1"),)
        assert all(line.isascii() for line in shown(chart))
        assert "| lr 0.1" in shown(chart)[0]
        await pilot.resize_terminal(9, 3)
        assert all(line.isascii() for line in shown(chart))


async def test_a_mark_stands_at_its_step_and_never_hides_the_curve() -> None:
    async with charted(Curve(history([1.0] * 20), BLUE)) as (chart, _):
        plain = canvas(chart)
        chart.marks = (Mark(10, "lr 0.05"),)
        marked = canvas(chart)
        assert [line.find("│") for line in marked[1:]] == [17] * (len(marked) - 1)
        assert marked[0] == plain[0], "the curve is where the mark and its label would be"
        assert "lr 0.05" in marked[1]
        assert shown(chart)[-1].index("10") - 6 in {16, 17}


async def test_labels_of_marks_never_overlap_and_the_latest_is_always_there() -> None:
    async with charted(Curve(history([0.0] * 20), BLUE)) as (chart, _):
        chart.marks = tuple(Mark(step, f"[{step}]") for step in range(1, 20))
        for row in canvas(chart):
            assert re.fullmatch(r"(\[\d+\]|[^\[\]])*", row)
        assert "[19]" in "".join(canvas(chart)[:3])


async def test_a_mark_beyond_the_axis_is_left_out() -> None:
    async with charted(Curve(history([0.0] * 20), BLUE)) as (chart, _):
        chart.marks = (Mark(21, "later"),)
        assert "later" not in "".join(shown(chart))


async def test_hovering_and_clicking_tell_a_step_that_has_a_loss() -> None:
    curves = (
        Curve(history([0.5, 0.25, 0.125]), BLUE, "A"),
        Curve(history([0.5, 1 / 3]), ORANGE, "B"),
    )
    async with charted(*curves) as (chart, pilot):
        await pilot.hover(Spy, offset=(6 + 5, 3))
        await pilot.hover(Spy, offset=(2, 3))
        await pilot.click(Spy, offset=(6 + 3, 3))
        told = [
            now
            for now, before in zip(chart.pointed, [None, *chart.pointed], strict=False)
            if now != before
        ]
        assert told == [(3.0, False), (None, False), (2.0, True)]


async def test_a_crosshair_stands_at_its_step_with_its_loss_and_hides_no_curve() -> None:
    async with charted(Curve(history([1.0, *[0.0] * 19]), BLUE)) as (chart, _):
        plain = canvas(chart)
        chart.crosshair = 10.0
        crossed = canvas(chart)
        assert [line.find("┃") for line in crossed[:-1]] == [17] * (len(crossed) - 1)
        assert crossed[0][18:].strip() == "0"
        chart.crosshair = 21.0
        assert canvas(chart) == plain
        chart.crosshair = None
        assert canvas(chart) == plain


async def test_moving_the_crosshair_draws_no_curve_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with charted(Curve(history([1.0] * 20), BLUE)) as (chart, _):
        monkeypatch.setattr(plot, "draw", None)
        chart.crosshair = 10.0
        chart.crosshair = 11.0
        assert "┃" in "".join(canvas(chart))


async def test_axes_have_names_where_labels_leave_room() -> None:
    async with charted(Curve(history([1, 0.5, 0.2]), BLUE), size=(60, 14)) as (chart, pilot):
        assert re.search(r"15 +step +20$", shown(chart)[-1].rstrip())
        assert " loss│" in "".join(shown(chart))
        chart.axis_names = ("epoch", "accuracy of the run")
        assert "epoch" in shown(chart)[-1]
        assert "accuracy" not in "".join(shown(chart))
        await pilot.resize_terminal(60, 5)
        await pilot.pause()
        assert "epoch" not in "".join(shown(chart))
