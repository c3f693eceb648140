"""The average that is drawn: as the formula has it, at any length, at the steps of its losses."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from zgtui.curves.arrange import TrackUpTo
from zgtui.curves.history import LossHistory
from zgtui.curves.smoothing import STRENGTHS, SmoothedCurve
from zgtui.curves.trace import Trace, Track


def by_formula(losses: list[float], beta: float) -> list[float]:
    """The weights written out: (1-β)β^(t-i) / (1-β^t) for the i-th finite loss of t."""
    averages, finite = [], list[float]()
    for loss in losses:
        finite += [loss] if math.isfinite(loss) else []
        count = len(finite)
        total = sum((1 - beta) * beta ** (count - 1 - at) * one for at, one in enumerate(finite))
        averages.append(total / (1 - beta**count) if math.isfinite(loss) else math.nan)
    return averages


def history(losses: list[float]) -> LossHistory:
    made, values = LossHistory(), array("d", losses)
    made.reread = lambda start, count: values[start : start + count]
    made.extend(values)
    return made


def noise(length: int) -> list[float]:
    generator = random.Random(length)
    return [generator.uniform(1, 2) for _ in range(length)]


@pytest.mark.parametrize("beta", STRENGTHS)
def test_it_is_the_bias_corrected_exponential_average(beta: float) -> None:
    losses = noise(600)
    losses[3], losses[300] = math.nan, math.inf
    smoothed = SmoothedCurve(history(losses), beta)
    while smoothed.share < 1:
        smoothed.catch_up(77)
    steps, averages = smoothed.points(600, 1, 600)
    wanted = by_formula(losses, beta)
    assert steps == [at + 1 for at, one in enumerate(wanted) if math.isfinite(one)]
    assert averages == pytest.approx([one for one in wanted if math.isfinite(one)], rel=1e-9)
    assert smoothed.at(1) == pytest.approx(losses[0], rel=1e-12)


def test_a_part_of_a_long_run_is_as_exact_as_the_whole() -> None:
    losses = noise(20_000)
    smoothed = SmoothedCurve(history(losses), 0.9)
    smoothed.catch_up()
    wanted = by_formula(losses[7000:7700], 0.9)[-20:]  # 0.9**680 of what came before is nothing
    steps, averages = smoothed.points(100, 7681, 7700)
    assert steps == list(range(7681, 7701))
    assert averages == pytest.approx(wanted, rel=1e-9)


def test_it_comes_nearer_with_each_turn_and_says_how_far_it_is() -> None:
    smoothed = SmoothedCurve(history(noise(10_000)), 0.9)
    smoothed.catch_up(2500)
    assert (smoothed.share, smoothed.steps) == (0.25, 2500)
    smoothed.catch_up(10**6)
    assert (smoothed.share, smoothed.steps) == (1.0, 10_000)


def test_columns_stand_still_while_the_run_goes_on() -> None:
    losses = noise(40_000)
    short, long = SmoothedCurve(history(losses[:20_000]), 0.9), SmoothedCurve(history(losses), 0.9)
    short.catch_up(10**6)
    long.catch_up(10**6)
    few, many = short.points(50, 1, 100_000)[0], long.points(50, 1, 100_000)[0]
    assert len(few) <= 22
    assert many[: len(few) - 2] == few[:-2]


def test_nothing_is_smoothed_of_losses_that_are_not_all_kept() -> None:
    forgotten = LossHistory()
    forgotten.extend(array("d", noise(5000)))
    smoothed = SmoothedCurve(forgotten, 0.9)
    smoothed.catch_up()
    assert not smoothed.kept


def test_steps_with_gaps_keep_their_places() -> None:
    trace = Trace()
    trace.extend([10.0, 20.0, 40.0], array("d", [4.0, 2.0, 0.0]))
    shown = TrackUpTo(None, Track("A", trace))
    smoothed = SmoothedCurve(shown, 0.5)
    smoothed.catch_up()
    assert smoothed.points(80, 1, 100) == ([10, 20, 40], by_formula([4.0, 2.0, 0.0], 0.5))
    shown.limit = 20
    assert smoothed.points(80, 1, 100)[0] == [10, 20]
