"""A less B, at each step that both have, as long as either is."""

from __future__ import annotations

import math
from array import array

from zgtui.curves.arrange import TrackUpTo
from zgtui.curves.difference import difference_of
from zgtui.curves.history import LossHistory
from zgtui.curves.trace import Trace, Track


def history(losses: array[float]) -> LossHistory:
    made = LossHistory()
    made.reread = lambda start, count: losses[start : start + count]
    made.extend(losses)
    return made


def table(points: dict[float, float]) -> TrackUpTo:
    trace = Trace()
    trace.extend(list(points), array("d", points.values()))
    return TrackUpTo(None, Track("", trace))


def test_of_two_runs_as_far_as_the_shorter_one() -> None:
    a, b = history(array("d", [3.0, 2.0, 1.0])), history(array("d", [3.0, 5.0]))
    found = difference_of(a, b)
    found.catch_up()
    assert found.source.points(80, 1, 10) == ([1, 2], [0.0, -3.0])
    b.extend(array("d", [9.0]))
    found.catch_up()
    assert found.source.at(3) is not None


def test_a_step_of_a_long_run_is_exact() -> None:
    a = array("d", (math.sin(step) for step in range(60_000)))
    b = array("d", (math.cos(step) for step in range(60_000)))
    found = difference_of(history(a), history(b))
    for _ in range(3):
        found.catch_up()
    assert found.source.at(31_234) == a[31_233] - b[31_233]
    steps, losses = found.source.points(100, 20_000, 20_050)
    assert steps == list(range(20_000, 20_051))
    assert losses == [a[int(step) - 1] - b[int(step) - 1] for step in steps]


def test_curves_with_other_steps_have_one_where_both_have_a_loss() -> None:
    found = difference_of(
        table({1: 5.0, 2: 4.0, 10: 1.0}), table({2: 1.0, 5: 1.0, 10: 3.0, 11: 1.0})
    )
    found.catch_up()
    assert found.source.points(80, 1, 20) == ([2, 10], [3.0, -2.0])


def test_a_replay_hides_what_is_still_to_come() -> None:
    a, b = table({1: 5.0, 2: 4.0, 3: 1.0}), table({1: 1.0, 2: 1.0, 3: 3.0})
    found = difference_of(a, b)
    found.catch_up()
    a.limit = b.limit = 2
    found.catch_up()
    assert found.source.points(80, 1, 20)[0] == [1, 2]
    a.limit = b.limit = 3
    found.catch_up()
    assert found.source.points(80, 1, 20)[0] == [1, 2, 3]


def test_losses_that_are_gone_have_none() -> None:
    a, b = LossHistory(), LossHistory()
    for one in (a, b):
        one.extend(array("d", [1.0] * 5000))
    found = difference_of(a, b)
    found.catch_up()
    assert not found.kept
