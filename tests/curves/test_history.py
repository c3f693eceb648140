"""Histories of losses: exact while short, bounded when long, and no spike is ever lost."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from zgtui.curves.history import BUCKETS, TAIL, LossHistory


def history(losses: list[float], batch: int = 777) -> LossHistory:
    made = LossHistory()
    for at in range(0, len(losses), batch):
        made.extend(array("d", losses[at : at + batch]))
    return made


def noise(length: int) -> list[float]:
    generator = random.Random(length)
    return [generator.uniform(1, 2) for _ in range(length)]


def test_an_empty_history_has_nothing_to_draw() -> None:
    empty = LossHistory()
    empty.extend(array("d"))
    assert empty.points(80, 1, 100) == ([], [])
    assert (empty.steps, empty.first, empty.last, empty.low, empty.high) == (
        0,
        None,
        None,
        None,
        None,
    )
    assert empty.revision == 0
    assert empty.tail(5) == []


def test_few_steps_are_drawn_exactly_at_their_steps() -> None:
    losses = noise(20)
    assert history(losses).points(80, 1, 20) == ([float(s) for s in range(1, 21)], losses)
    assert history(losses).points(80, 5, 7) == ([5, 6, 7], losses[4:7])


@pytest.mark.parametrize("length", [100, 2047, 2048, 2049, 5000, 40_000, 300_001])
@pytest.mark.parametrize("batch", [1, 400, 10**6])
def test_a_spike_of_one_step_survives_at_any_length(length: int, batch: int) -> None:
    if batch == 1 and length > 5000:
        batch = 37
    losses = noise(length)
    up, down = length // 3, 2 * length // 3
    losses[up - 1], losses[down - 1] = 50.0, -50.0
    steps, drawn = history(losses, batch).points(80, 1, length)
    assert steps[drawn.index(50.0)] == up
    assert steps[drawn.index(-50.0)] == down


@pytest.mark.parametrize("length", [500, 3000, 100_000])
def test_what_is_drawn_are_losses_at_their_own_steps_in_order(length: int) -> None:
    losses = noise(length)
    steps, drawn = history(losses).points(80, 1, length)
    assert steps == sorted(set(steps))
    assert drawn == [losses[int(step) - 1] for step in steps]
    for column in range(80):
        start, end = column * length // 80, (column + 1) * length // 80
        assert 1 <= sum(start < step <= end for step in steps) <= 4
    assert 80 < len(steps) <= 160


def test_the_range_of_the_axis_not_that_of_the_data_sets_the_columns() -> None:
    losses = noise(1000)
    steps, _ = history(losses).points(80, 1, 10_000)
    assert len(steps) <= 2 * 9
    early, _ = history(losses[:500]).points(80, 1, 10_000)
    assert steps[: len(early) - 2] == early[:-2]


def test_minimum_and_maximum_keep_the_order_in_which_they_occurred() -> None:
    falling = [float(10_000 - step) for step in range(10_000)]
    assert history(falling).points(50, 1, 10_000)[1] == sorted(
        history(falling).points(50, 1, 10_000)[1], reverse=True
    )
    rising = falling[::-1]
    drawn = history(rising).points(50, 1, 10_000)[1]
    assert drawn == sorted(drawn)


def test_an_oscillation_keeps_its_full_height_when_squeezed() -> None:
    losses = [math.cos(2.3 * step) ** 2 for step in range(200_000)]
    _, drawn = history(losses).points(60, 1, 200_000)
    assert min(drawn[::2] + drawn[1::2]) < 1e-6
    assert all(max(pair) - min(pair) > 0.99 for pair in zip(drawn[::2], drawn[1::2], strict=True))


def test_memory_is_bounded_and_the_newest_steps_can_be_looked_at_exactly() -> None:
    losses = noise(200_000)
    long = history(losses)
    assert len(long._entries) <= 2 * BUCKETS
    assert len(long._tail) <= 2 * TAIL
    assert long.tail(300) == losses[-300:]
    assert long.points(200, 199_801, 200_000) == (
        [float(step) for step in range(199_801, 200_001)],
        losses[-200:],
    )


def test_an_older_part_is_drawn_within_its_limits() -> None:
    losses = noise(200_000)
    steps, drawn = history(losses).points(50, 60_000, 90_000)
    assert 60_000 <= steps[0] < 61_000
    assert 89_000 < steps[-1] <= 90_000
    assert drawn == [losses[int(step) - 1] for step in steps]


def test_the_limits_of_an_older_part_cut_between_two_steps() -> None:
    losses = noise(200_000)
    losses[60_002], losses[60_009], losses[89_899], losses[90_009] = 7.0, 8.0, 9.0, 10.0
    steps, drawn = history(losses).points(50, 60_005, 90_005)
    assert {8.0: 60_010, 9.0: 89_900}.items() <= dict(zip(drawn, steps, strict=True)).items()
    assert not {7.0, 10.0} & set(drawn)


def test_equal_losses_are_all_drawn_while_they_are_few() -> None:
    assert history([0.5] * 20).points(15, 1, 20)[1] == [0.5] * 20


@pytest.mark.parametrize(("start", "end", "columns"), [(5, 4, 80), (1, 10, 0), (50, 90, 80)])
def test_asking_for_nothing_gives_nothing(start: int, end: int, columns: int) -> None:
    assert history(noise(20)).points(columns, start, end) == ([], [])


@pytest.mark.parametrize("length", [9, 2048, 10_000])
def test_losses_that_are_not_finite_are_told_and_left_out(length: int) -> None:
    losses = noise(length)
    losses[3], losses[4], losses[7] = math.nan, math.inf, -math.inf
    made = history(losses, 5)
    assert made.first_nonfinite == 4
    steps, drawn = made.points(40, 1, length)
    assert all(map(math.isfinite, drawn))
    assert not {4.0, 5.0, 8.0} & set(steps)
    assert made.high == max(filter(math.isfinite, losses))


def test_only_losses_that_are_not_finite() -> None:
    made = history([math.nan] * 5000)
    assert made.points(40, 1, 5000) == ([], [])
    assert made.low is made.high is made.low_positive is None
    assert made.first_nonfinite == 1
    assert made.last is not None
    assert math.isnan(made.last)


def test_losses_so_large_that_their_sum_overflows_are_finite() -> None:
    made = history([1e308] * 3000)
    assert made.first_nonfinite is None
    assert made.high == 1e308
    assert set(made.points(40, 1, 3000)[1]) == {1e308}


def test_the_numbers_beside_the_chart() -> None:
    made = LossHistory()
    made.extend(array("d", [0.5, -1.0, 0.0]))
    before = made.revision
    made.extend(array("d", [3.0, 1e-9]))
    assert made.revision > before
    assert (made.steps, made.first, made.last) == (5, 0.5, 1e-9)
    assert (made.low, made.high, made.low_positive) == (-1.0, 3.0, 1e-9)
