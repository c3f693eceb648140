"""The screen of two runs asks of a comparison what the protocol says, and of nothing else."""

from __future__ import annotations

from array import array

import pytest

from tests.tui.runs_stage import FakeLive, lose, showing
from zgtui.charts.overlay import Mark
from zgtui.config.settings import RUNS
from zgtui.curves.trend import Trend
from zgtui.tui.widgets.chart import Curve
from zgtui.tui.widgets.status_bar import StatusBar


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("space", "toggle_running"),
        ("n", "single_step"),
        ("z", ("toggle_clearing", "B")),
        ("Z", ("toggle_clearing", "A", "B")),
        ("+", ("scale_lr", "A", "B", 1)),
        ("-", ("scale_lr", "A", "B", -1)),
        (">", ("scale_lr", "B", 1)),
        ("<", ("scale_lr", "B", -1)),
        ("r", "restart"),
    ],
)
async def test_a_key_asks_any_comparison_for_the_same(key: str, asked: object) -> None:
    live = FakeLive()
    async with showing(live) as (_, pilot):
        await pilot.press(key)
        assert live.asked == [asked]


async def test_losses_and_changes_of_any_comparison_are_drawn() -> None:
    live = FakeLive()
    live.runs["A"].history.extend(array("d", [1.0, 0.5, 0.25]))
    live.runs["A"].changes.append(Mark(2, "lr 0.5"))
    async with showing(live) as (screen, pilot):
        chart = screen.pane("A").chart
        assert chart.curves[0].source.steps == 3
        assert chart.marks == (Mark(2, "lr 0.5"),)
        assert chart.planned == 10
        await pilot.press("y", "m")
        assert {one.log_scale for one in screen.charts} == {True}
        assert {one.marker for one in screen.charts} == {"hd"}


async def test_both_charts_have_one_loss_axis_until_each_is_given_its_own() -> None:
    live = FakeLive()
    lose(live, "A", [3.0, 2.0, 1.0])
    lose(live, "B", [3.0, 30.0, 60.0])
    async with showing(live) as (screen, pilot):
        a, b = screen.charts
        assert a.scale.limits == b.scale.limits
        assert a.scale.limits is not None
        assert a.scale.limits.high >= 60
        assert not screen.pane("A").noted
        await pilot.press("Y")
        assert a.scale.limits.high < 6
        assert b.scale.limits is not None
        assert b.scale.limits.high >= 60
        assert screen.pane("A").noted == "own loss axis"
        await pilot.press("Y")
        assert a.scale.limits == b.scale.limits


async def test_an_axis_that_one_chart_moves_is_moved_in_the_other_with_the_same_frame() -> None:
    live = FakeLive()
    for name in RUNS:
        lose(live, name, [3.0, 2.0, 1.0])
    async with showing(live) as (screen, _):
        before = [chart.render_line(0).text for chart in screen.charts]
        lose(live, "B", [60.0])
        screen.update_all()
        a, b = screen.charts
        labels = [
            [row.partition("┤")[0] for row in rows if "┤" in row]
            for rows in ([one.render_line(at).text for at in range(9)] for one in (a, b))
        ]
        assert labels[0] == labels[1]
        assert a.render_line(0).text != before[0]


async def test_a_spike_is_cut_off_with_a_sign_until_all_is_asked_for() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.5] * 100)
    lose(live, "B", [1.0, 0.5] * 50 + [900.0] + [1.0, 0.5] * 50)
    async with showing(live) as (screen, pilot):
        chart = screen.pane("B").chart
        assert "▲" in chart.render_line(0).text
        assert screen.pane("B").noted == "spikes cut off (0 shows all)"
        assert not screen.pane("A").noted
        await pilot.press("0")
        assert "▲" not in chart.render_line(0).text
        assert chart.scale.limits is not None
        assert chart.scale.limits.high >= 900
        assert not screen.pane("B").noted


async def test_a_loss_that_diverges_gets_a_logarithmic_axis_and_the_panes_say_so() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.5, 0.1])
    lose(live, "B", [1.0])
    async with showing(live) as (screen, pilot):
        lose(live, "B", [10.0, 100.0, 1000.0])
        screen.update_all()
        assert not screen.log_scale
        live.trends["B"] = Trend("growing")
        screen.update_all()
        assert [chart.log_scale for chart in screen.charts] == [True, True]
        assert screen.pane("A").noted == "log axis: another rose over 100×"
        assert screen.pane("B").noted == "log axis: loss rose over 100×"
        await pilot.press(".")
        assert screen.window is not None
        assert "log axis" in screen.pane("A").noted
        await pilot.press(",", "y")
        assert [chart.log_scale for chart in screen.charts] == [False, False]
        assert not screen.pane("A").noted
        screen.update_all()
        assert not screen.log_scale


async def test_several_curves_of_a_run_have_its_colour_and_their_names_in_one_chart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = FakeLive()
    for name in RUNS:
        lose(live, name, [3.0, 2.0, 1.0])
    async with showing(live) as (screen, pilot):
        monkeypatch.setattr(
            screen,
            "curves",
            lambda name: [
                Curve(live.runs[name].history, f"$series-{at}", label)
                for at, label in enumerate("DG")
            ],
        )
        await pilot.press("A")
        curves = screen.pane("A").chart.curves
        assert [curve.style for curve in curves] == ["$run-a", "$run-a", "$run-b", "$run-b"]
        assert screen.pane("A").noted == "A D ⠒⠒ A G ▀▀ B D •• B G ××"


async def test_a_pane_without_a_chart_says_nothing_of_axes() -> None:
    async with showing(FakeLive()) as (screen, pilot):
        await pilot.press("Y", "A")
        assert not screen.pane("B").noted


async def test_an_axis_that_was_chosen_stays_where_losses_diverge() -> None:
    live = FakeLive()
    lose(live, "B", [1.0, 1.0])
    async with showing(live) as (screen, pilot):
        await pilot.press("y", "y")
        lose(live, "B", [10.0, 100.0, 1000.0])
        live.trends["B"] = Trend("growing")
        screen.update_all()
        assert not screen.log_scale


async def test_both_runs_are_drawn_in_one_chart_and_each_keeps_its_words_and_its_keys() -> None:
    live = FakeLive()
    lose(live, "A", [3.0, 2.0, 1.0])
    lose(live, "B", [3.0, 30.0, 60.0])
    live.runs["B"].changes.append(Mark(2, "lr 0.5"))
    async with showing(live) as (screen, pilot):
        await pilot.press("A")
        chart = screen.pane("A").chart
        assert [curve.label for curve in chart.curves] == ["A", "B"]
        assert chart.marks == (Mark(2, "B lr 0.5"),)
        assert chart.size.width > 70
        assert not screen.pane("B").chart.display
        assert screen.pane("A").noted == "A ⠒⠒ B ▀▀"
        assert screen.pane("B").border_title == "run B"
        await pilot.press("z")
        assert live.asked == [("toggle_clearing", "B")]
        await pilot.press("A", "A")
        assert [len(one.curves) for one in screen.charts] == [1, 1]
        assert screen.pane("B").chart.display


async def test_the_difference_of_both_runs_has_a_line_at_zero() -> None:
    live = FakeLive()
    lose(live, "A", [3.0, 2.0, 9.0])
    lose(live, "B", [3.0, 4.0, 5.0])
    async with showing(live) as (screen, pilot):
        await pilot.press("A", "A")
        chart = screen.pane("A").chart
        assert screen.pane("A").noted == "A - B ⠒⠒"
        (line,) = chart._lines
        assert list(line.losses) == [0.0, -2.0, 4.0]
        labelled = [chart.render_line(y).text for y in range(chart.size.height)]
        (zero,) = [line for line in labelled if line.partition("┤")[0].strip() in {"0", "0.0"}]
        assert "────" in zero
        await pilot.press("I")
        assert screen.query_one(StatusBar).told == "step 3 · A 9 · B 5 · B/A 0.5556"
        await pilot.press("y", "A")
        assert not screen.charts[0].zero_line
        assert len(screen.charts) == 2


async def test_the_difference_stays_linear_where_a_loss_diverges() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, 0.5, 0.1, 0.1])
    lose(live, "B", [1.0, 10.0, 100.0, 1000.0])
    live.trends["B"] = Trend("growing")
    async with showing(live) as (screen, pilot):
        assert screen.log_scale
        await pilot.press("A", "A")
        assert not screen.charts[0].log_scale


async def test_a_run_far_below_one_that_diverges_has_its_own_axis_and_says_so() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, *(10.0**at for at in range(40))])
    lose(live, "B", [0.4, 0.1] * 20)
    live.trends["A"] = Trend("diverged")
    async with showing(live) as (screen, pilot):
        a, b = screen.charts
        screen.update_all()
        assert a.log_scale
        assert not b.log_scale
        assert b.scale.limits is not None
        assert b.scale.limits.high < 1
        assert screen.pane("A").noted == "log axis: loss rose over 100×"
        told = "own axis: far below another run"
        assert screen.pane("B").noted == told
        await pilot.press("y", "y")
        assert a.scale.limits == b.scale.limits, "an axis that was asked for is shared"
        assert not screen.pane("B").noted


async def test_a_run_that_is_seen_beside_one_that_diverges_shares_its_axis() -> None:
    live = FakeLive()
    lose(live, "A", [1.0, *(10.0**at for at in range(10))])
    lose(live, "B", [10.0**-at for at in range(10)])
    live.trends["A"] = Trend("diverged")
    async with showing(live) as (screen, _):
        a, b = screen.charts
        screen.update_all()
        assert a.log_scale
        assert a.scale.limits == b.scale.limits
