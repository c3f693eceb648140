"""Curves at any steps: what is drawn of them, and what stays when memory is bounded."""

from __future__ import annotations

import math
from array import array

import pytest

from zgtui.curves.trace import Trace


def trace_of(pairs: list[tuple[float, float]], capacity: int | None = None) -> Trace:
    trace = Trace(capacity)
    for step, loss in pairs:
        trace.append(step, loss)
    return trace


def test_few_points_are_drawn_as_they_are_and_non_finite_ones_left_out() -> None:
    trace = trace_of([(0.5, 3.0), (1.0, math.nan), (2.5, math.inf), (4.0, 1.0)])
    assert trace.points(10, 0, 10) == ([0.5, 4.0], [3.0, 1.0])
    assert (trace.first_step, trace.last_step, trace.count) == (0.5, 4.0, 4)


@pytest.mark.parametrize("count", [300, 5_000, 70_000])
def test_each_column_holds_its_lowest_and_highest_loss(count: int) -> None:
    losses = [((step * 7919) % 10_007) / 10_007 for step in range(1, count + 1)]
    losses[count // 3] = 50.0
    losses[count // 2] = -50.0
    trace = Trace()
    trace.extend(range(1, count + 1), array("d", losses))
    columns = 50
    steps, found = trace.points(columns, 0, count)
    assert len(steps) <= 2 * columns
    assert steps == sorted(steps)
    assert all(losses[int(step) - 1] == value for step, value in zip(steps, found, strict=True))
    for column in range(columns):
        low, high = column * count / columns, (column + 1) * count / columns
        inside = [losses[step - 1] for step in range(math.floor(low) + 1, math.floor(high) + 1)]
        shown = [value for step, value in zip(steps, found, strict=True) if low < step <= high]
        assert {min(shown), max(shown)} == {min(inside), max(inside)}


def test_nothing_beyond_the_limit_is_drawn() -> None:
    trace = Trace()
    trace.extend(range(1, 5001), array("d", range(5000)))
    steps, losses = trace.points(40, 1, 5000, 1234)
    assert max(steps) == 1234
    assert max(losses) == 1233.0


def test_points_out_of_order_are_put_into_it() -> None:
    trace = trace_of([(1, 1.0), (2, 2.0), (5, 5.0), (3, 3.0), (4, 4.0)])
    assert trace.points(10, 0, 10)[0] == [1, 2, 3, 4, 5]
    assert (trace.step_after(2), trace.step_before(5), trace.step_after(5)) == (3, 4, None)


def test_a_bounded_trace_keeps_spikes_its_newest_point_and_its_count() -> None:
    trace = Trace(1024)
    for start in range(0, 50_000, 1000):
        values = array("d", [1.0] * 1000)
        if start == 7000:
            values[123] = 99.0
        trace.extend(range(start + 1, start + 1001), values)
        assert trace.newest(1000) == values
        trace.bound()
    kept = trace.points_until(math.inf)
    assert kept <= 1024
    assert trace.count == 50_000
    assert not trace.exact
    assert trace.last_step == 50_000
    steps, losses = trace.points(80, 0, 50_000)
    assert (7124.0, 99.0) in zip(steps, losses, strict=True)


def test_a_curve_that_takes_too_much_memory_keeps_its_extremes() -> None:
    trace = Trace()
    losses = array("d", [1.0] * 100_000)
    losses[777], losses[50_001] = 9.0, -9.0
    trace.extend(range(1, 100_001), losses)
    trace.bound_bytes(800_000)
    exact = [trace.exact]
    trace.bound_bytes(799_999)
    assert [*exact, trace.exact] == [True, False]
    steps, shown = trace.points(10, 1, 100_000)
    found = dict(zip(steps, shown, strict=True))
    assert (found[778], found[50_002]) == (9.0, -9.0)
    assert (trace.first_step, trace.last_step, trace.count) == (1, 100_000, 100_000)
    trace.extend(range(100_001, 200_001), losses)  # what comes then is as fine as ever
    assert trace.losses(0, 10**6)[-100_000 + 50_001] == -9.0
    assert trace.point(trace.points_until(100_778) - 1) == (100_778, 9.0)
    trace.bound_bytes(1000)
    assert min(trace.losses(0, 10**6)) == -9.0
    assert trace.last_step == 200_000


def test_evenly_spaced_steps_stay_what_they_are_when_others_follow() -> None:
    trace = Trace()
    for steps in (range(10, 40, 10), [40.0], [50.0, 60.0], range(70, 71), [75.0], range(80, 90)):
        trace.extend(steps, array("d", [float(step) for step in steps]))
    trace.append(12.0, 12.0)
    kept = [trace.point(at) for at in range(trace.count)]
    expected = [10, 12, 20, 30, 40, 50, 60, 70, 75, *range(80, 90)]
    assert kept == [(step, step) for step in expected]
