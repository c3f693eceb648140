from __future__ import annotations

import math
import random
import sys

import pytest

from zgtui.charts import axes
from zgtui.charts.axes import Axis, Limits

MAX = sys.float_info.max


def labels(ticks: tuple[axes.Tick, ...]) -> list[str]:
    return [tick.label for tick in ticks]


@pytest.mark.parametrize(
    ("last", "planned", "end"),
    [
        (0, 0, 20),
        (20, 0, 20),
        (21, 0, 50),
        (51, 0, 100),
        (101, 0, 200),
        (12_345, 0, 20_000),
        (1, 5, 5),
        (20, 400, 400),
        (400, 400, 400),
        (401, 400, 500),
        (3, 137, 137),
    ],
)
def test_the_step_axis_grows_in_jumps_and_covers_the_planned_run(
    last: int, planned: int, end: float
) -> None:
    assert axes.fit_steps(last, planned) == Limits(0.0, end)


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (0.0001, 0.3795, Limits(0, 0.4)),
        (2.30, 2.31, Limits(0, 3)),
        (0.0, 0.0, Limits(0, 1)),
        (0.0, 5e-324, Limits(0, 1)),
        (5.0, 5.0, Limits(0, 6)),
        (0.0, 1e38, Limits(0, 1e38)),
        (0.0, 1.0000001e38, Limits(0, 1.5e38)),
        (0.0, MAX, Limits(0, MAX)),
        (-MAX, MAX, Limits(-MAX, MAX)),
        (-0.1, 0.4, Limits(-0.2, 0.4)),
        (-5.0, -5.0, Limits(-6, -4)),
        (-1000.3, -1000.1, Limits(-1000.3, -1000.1)),
    ],
)
def test_loss_limits_are_round_and_start_at_zero_where_no_loss_is_negative(
    low: float, high: float, limits: Limits
) -> None:
    assert axes.fit_losses(low, high) == limits


def test_the_loss_axis_grows_at_once_and_shrinks_only_below_half() -> None:
    limits = axes.fit_losses(0.0, 0.9)
    assert limits == Limits(0, 1)
    assert axes.fit_losses(0.0, 0.51, limits) == limits
    assert axes.fit_losses(0.0, 0.49, limits) == Limits(0, 0.6)
    assert axes.fit_losses(0.0, 1.01, limits) == Limits(0, 1.5)
    assert axes.fit_losses(-0.1, 0.9, limits).low < 0


def test_the_loss_axis_goes_back_to_zero_when_the_negative_losses_are_gone() -> None:
    assert axes.fit_losses(0.0, 0.9, Limits(-0.5, 1.0)).low == 0


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (0.2, 0.38, Limits(-1, 0)),
        (1e-13, 0.3, Limits(-13, 0)),
        (1.0, 1.0, Limits(-1, 0)),
        (1e-3, 1e-3, Limits(-4, -3)),
        (5e-324, 0.3, Limits(-16, 0)),
        (5e-324, MAX, Limits(293, 309)),
    ],
)
def test_decades_are_whole_and_at_most_sixteen(low: float, high: float, limits: Limits) -> None:
    assert axes.fit_decades(low, high) == limits


def test_the_logarithmic_axis_shrinks_only_when_less_than_half_is_used() -> None:
    limits = Limits(-8, 0)
    assert axes.fit_decades(2e-4, 0.3, limits) == limits
    assert axes.fit_decades(2e-3, 0.3, limits) == Limits(-3, 0)
    assert axes.fit_decades(2e-9, 0.3, limits) == Limits(-9, 0)


@pytest.mark.parametrize(
    ("limits", "rows", "expected"),
    [
        (Limits(0, 0.4), 13, ["0.0", "0.1", "0.2", "0.3", "0.4"]),
        (Limits(0, 0.4), 2, ["0.0", "0.4"]),
        (Limits(0, 0.15), 12, ["0.00", "0.05", "0.10", "0.15"]),
        (Limits(-0.2, 0.4), 12, ["-0.2", "0.0", "0.2", "0.4"]),
        (Limits(0, 15000), 12, ["0", "5000", "10000", "15000"]),
        (Limits(0, 1.5e38), 9, ["0", "5.0e37", "1.0e38", "1.5e38"]),
        (Limits(0, 1e-5), 6, ["0", "5.0e-6", "1.0e-5"]),
    ],
)
def test_loss_ticks_are_round_and_of_one_notation(
    limits: Limits, rows: int, expected: list[str]
) -> None:
    assert labels(axes.loss_ticks(limits, rows)) == expected


@pytest.mark.parametrize(
    ("limits", "rows", "expected"),
    [
        (Limits(-13, 0), 13, ["1e-10", "1e-5", "1e0"]),
        (Limits(-3, 0), 10, ["1e-3", "1e-2", "1e-1", "1e0"]),
        (Limits(-1, 0), 13, ["1e-1", "2e-1", "5e-1", "1e0"]),
        (Limits(-1, 0), 5, ["1e-1", "1e0"]),
    ],
)
def test_decade_ticks_thin_out_with_the_rows(
    limits: Limits, rows: int, expected: list[str]
) -> None:
    assert labels(axes.decade_ticks(limits, rows)) == expected


@pytest.mark.parametrize(
    ("end", "columns", "expected"),
    [
        (20, 33, ["0", "5", "10", "15", "20"]),
        (20, 8, ["0", "20"]),
        (2_000, 60, ["0", "500", "1000", "1500", "2000"]),
        (20_000, 60, ["0", "5k", "10k", "15k", "20k"]),
        (2_000_000, 60, ["0", "0.5M", "1M", "1.5M", "2M"]),
        (5_000_000_000, 12, ["0", "5G"]),
        (5e14, 30, ["0", "200T", "400T"]),
        (2e18, 14, ["0", "1E", "2E"]),
    ],
)
def test_step_ticks_share_one_unit(end: float, columns: int, expected: list[str]) -> None:
    assert labels(axes.step_ticks(Limits(0, end), columns)) == expected


def test_a_value_is_placed_linearly_and_clamped() -> None:
    axis = Axis(Limits(-1, 3), ())
    assert [axis.place(value) for value in (-9, -1, 0, 1, 3, MAX)] == [0, 0, 0.25, 0.5, 1, 1]


@pytest.mark.parametrize("log", [False, True])
def test_what_is_not_finite_has_no_place(log: bool) -> None:  # noqa: FBT001 - parametrised
    axis = Axis(Limits(-1, 3), (), log)
    assert [axis.place(value) for value in (math.nan, math.inf, -math.inf)] == [None] * 3


def test_zero_and_negative_losses_have_no_place_on_a_logarithmic_axis() -> None:
    axis = Axis(Limits(-4, 0), (), log=True)
    places = [axis.place(value) for value in (0.0, -1.0, 1e-9, 1e-2, 1.0)]
    assert places == [None, None, 0, 0.5, 1]


def test_the_whole_range_of_floats_can_be_placed() -> None:
    assert Axis(Limits(-MAX, MAX), ()).place(0.0) == 0.5


def test_any_losses_get_an_axis_that_holds_them_and_has_distinct_ticks() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        pair = [chance.uniform(-10, 10) * 10 ** chance.uniform(-320, 307) for _ in range(2)]
        low, high = sorted(pair)
        limits = axes.fit_losses(low, high)
        assert limits.low < limits.high
        rounding = 1e-8 * max(abs(limits.low), abs(limits.high))
        assert limits.low - rounding <= low
        assert limits.high + rounding >= high
        ticks = axes.loss_ticks(limits, chance.randint(1, 40))
        assert len({tick.label for tick in ticks}) == len(ticks) >= 2
        assert all(limits.low <= tick.position <= limits.high for tick in ticks)
