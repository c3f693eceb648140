from __future__ import annotations

import math

import pytest

from zgtui.charts.axes import Limits
from zgtui.charts.loss_axis import LossScale, Range, wanted_range
from zgtui.charts.plot import Line


def line(losses: list[float], *, dotted: bool = False) -> Line:
    return Line(range(1, len(losses) + 1), losses, dotted)


CALM = [1.0, 0.5] * 100


def test_charts_that_share_an_axis_have_the_same_limits_in_whatever_order_they_fit() -> None:
    scale = LossScale()
    scale.fit("A", Range(0, 3), log=False)
    limits = scale.fit("B", Range(0, 60), log=False)
    assert limits.low == 0
    assert limits.high >= 60
    assert scale.fit("A", Range(0, 3), log=False) == limits


def test_a_chart_that_leaves_takes_its_losses_along() -> None:
    scale = LossScale()
    scale.fit("A", Range(0, 3), log=False)
    scale.fit("B", Range(0, 60), log=False)
    scale.leave("B")
    assert scale.fit("A", Range(0, 3), log=False).high < 6


def test_exponents_are_fitted_anew() -> None:
    scale = LossScale()
    scale.fit("A", Range(0.01, 100), log=False)
    assert scale.fit("A", Range(0.01, 100), log=True) == Limits(-2, 2)


def test_a_run_stays_in_sight_below_another_that_diverged() -> None:
    scale = LossScale()
    scale.diverged = True
    scale.fit("A", Range(0.1, 1e38), log=True)
    assert scale.fit("B", Range(1e-4, 0.1), log=True) == Limits(-4, 38)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_spike_does_not_flatten_the_rest(sign: int) -> None:
    losses = [sign * loss for loss in [*CALM, 500.0, *CALM]]
    assert wanted_range([line(losses)], log=False) == tuple(sorted((sign * 1.0, sign * 0.5)))
    everything = wanted_range([line(losses)], log=False, everything=True)
    assert everything is not None
    assert sign * 500.0 in everything


@pytest.mark.parametrize(
    "losses",
    [
        pytest.param([500.0, 20.0, *CALM], id="falls from its start"),
        pytest.param([*CALM, 20.0, 500.0], id="rises to its end"),
        pytest.param([*CALM, 3.0, *CALM], id="not far above the rest"),
        pytest.param([*CALM, *[500.0] * 40, *CALM], id="stays high for a while"),
        pytest.param([1.0, 500.0, 1.0], id="too short to tell"),
        pytest.param([0.0] * 100, id="flat"),
    ],
)
def test_what_is_no_spike_is_shown(losses: list[float]) -> None:
    assert wanted_range([line(losses)], log=False) == (min(losses), max(losses))


def test_a_logarithmic_axis_shows_spikes() -> None:
    assert wanted_range([line([*CALM, 500.0, *CALM])], log=True) == (0.5, 500)


def test_numbers_at_the_end_of_what_floats_hold_are_survived() -> None:
    huge = [1.0, -1.7e308] * 50 + [1.7e308] + [1.0] * 50 + [math.inf, math.nan]
    assert wanted_range([line(huge)], log=False) == (-1.7e308, 1.7e308)


def test_nothing_has_no_range() -> None:
    assert wanted_range([line([math.nan])], log=False) is None
    assert wanted_range([line([0.0, -1.0])], log=True) is None


def test_a_prediction_is_followed_a_thousandth_below_what_was_measured() -> None:
    dots = line([1.0, 1e-30], dotted=True)
    assert wanted_range([line([1.0, 0.1]), dots], log=True) == (0.1, 1)
