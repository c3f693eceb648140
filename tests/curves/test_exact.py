"""Parts of a long run to the step: what is drawn of them, and what a single step was."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence
from itertools import pairwise

import pytest

from zgtui.curves.exact import BLOCK, BlockIndex
from zgtui.curves.history import LossHistory
from zgtui.curves.places import StepPlaces
from zgtui.curves.trace import Trace

LENGTH = 50_000
LOSSES = array("d", (random.Random(step).uniform(-1, 1) for step in range(LENGTH)))


def reread(start: int, count: int) -> array[float]:
    return LOSSES[start : start + count]


def long_history(batch: int = 777) -> LossHistory:
    made = LossHistory()
    made.reread = reread
    for at in range(0, LENGTH, batch):
        made.extend(LOSSES[at : at + batch])
    return made


@pytest.mark.parametrize("batch", [1, 255, 256, 777, LENGTH])
@pytest.mark.parametrize(
    "borders",
    [
        [0, LENGTH],
        [3, 9, 700, 40_000, 40_001],
        [BLOCK, 2 * BLOCK, 100 * BLOCK],
        [1, 17_000, 17_000, 34_500, LENGTH],
    ],
)
def test_each_column_has_its_lowest_and_its_highest_loss(batch: int, borders: list[int]) -> None:
    index = BlockIndex()
    for at in range(0, LENGTH, batch):
        index.extend(LOSSES[at : at + batch])
    places, losses = index.points(borders, reread)
    wanted = []
    for left, right in pairwise(borders):
        part = LOSSES[left:right]
        if part:
            ends = {left + part.index(min(part)), left + part.index(max(part))}
            wanted += sorted(ends)
    assert places == wanted
    assert losses == [LOSSES[place] for place in wanted]


def test_what_is_not_finite_is_left_out() -> None:
    values = array("d", [math.nan] * BLOCK + [1.0, math.inf, 3.0] * BLOCK)
    index = BlockIndex()
    index.extend(values)
    _, losses = index.points([0, len(values)], lambda start, count: values[start : start + count])
    assert sorted(losses) == [1.0, 3.0]


def test_a_part_of_a_history_is_exact_where_losses_can_be_read_again() -> None:
    history = long_history()
    for start, end in ((123, 160), (2, 30_000), (20_000, LENGTH)):
        steps, losses = history.points(80, start, end)
        assert losses == [LOSSES[int(step) - 1] for step in steps]
        part = LOSSES[start - 1 : end]
        assert (min(losses), max(losses)) == (min(part), max(part))
        assert start <= steps[0] <= steps[-1] <= end


def test_any_step_of_a_history_is_told_exactly() -> None:
    history = long_history()
    for step in (1, 2, 255, 256, 257, 30_000, LENGTH - 1024, LENGTH):
        assert history.at(step) == LOSSES[step - 1]
    assert [history.at(step) for step in (0, LENGTH + 1, 3.5)] == [None, None, None]
    history.reread = None
    assert history.at(30_000) is None
    assert history.at(LENGTH) == LOSSES[-1]


@pytest.mark.parametrize(
    ("step", "direction", "found"),
    [(3.4, 0, 3), (-5, 0, 1), (99, 0, 9), (3, 1, 4), (3, -1, 2), (3.5, 1, 4), (3.5, -1, 3),
     (9, 1, 9), (1, -1, 1)],
)  # fmt: skip
def test_the_step_beside_another(step: float, direction: int, found: float) -> None:
    history, trace = LossHistory(), Trace()
    history.extend(array("d", [1.0] * 9))
    trace.extend(range(1, 10), array("d", [1.0] * 9))
    assert history.near(step, direction) == found
    assert trace.near(step, direction) == found
    assert LossHistory().near(step, direction) is None
    assert Trace().near(step, direction) is None


def test_steps_of_a_table_may_lie_apart_and_be_hidden_by_a_limit() -> None:
    trace = Trace()
    trace.extend([0.5, 10.0, 20.0], array("d", [3.0, 2.0, math.inf]))
    assert [trace.at(step) for step in (0.5, 10, 11)] == [3.0, 2.0, None]
    assert trace.at(20) == math.inf
    assert trace.at(20, limit=15) is None
    assert trace.near(16) == 20
    assert trace.near(16, limit=15) == 10
    assert trace.near(0.5, 1) == 10
    assert trace.near(10, 1, limit=15) == 10


@pytest.mark.parametrize("batch", [1, 100, 256, 1000])
def test_places_of_steps_with_gaps(batch: int) -> None:
    steps = [3 * at + 5 for at in range(1000)]

    def again(start: int, count: int) -> Sequence[int]:
        return steps[start : start + count]

    places = StepPlaces(again)
    for at in range(0, 1000, batch):
        places.extend(steps[at : at + batch])
        assert places.step(at) == steps[at]
    assert [places.step(at) for at in range(1000)] == steps
    assert [places.index(step) for step in (-1, 5, 6, 8, 2999)] == [0, 0, 1, 1, 998]
    assert places.index(steps[-1] + 1) == 1000
