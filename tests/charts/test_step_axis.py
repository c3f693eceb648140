"""What the horizontal axis counts: where steps lie on it, and what its labels say."""

from __future__ import annotations

import math
from array import array

import pytest

from zgtui.charts.axes import Limits
from zgtui.charts.plot import Curve
from zgtui.charts.step_axis import CLOCK, LOG_STEPS, STEPS, Pace, ScaledSteps, StepAxis, points
from zgtui.curves.history import LossHistory


class HalfSpeed:
    """Two seconds a step, then nothing for a minute after step 100."""

    known = True

    def seconds(self, step: float) -> float:
        return 2 * step if step <= 100 else 60 + 2 * step

    def step(self, seconds: float) -> float:
        return seconds / 2 if seconds <= 200 else max(100.0, (seconds - 60) / 2)


def labels(axis: StepAxis, shown: Limits, columns: int = 80) -> list[str]:
    span = axis.limits(shown, HalfSpeed(), growing=False)
    return [tick.label for tick in axis.ticks(span, columns)]


def test_epochs_and_samples_are_told_at_round_numbers() -> None:
    assert labels(ScaledSteps("epoch", 1 / 28), Limits(0, 280), 60) == [
        "0",
        "2",
        "4",
        "6",
        "8",
        "10",
    ]
    assert labels(ScaledSteps("samples", 64.0), Limits(0, 1000)) == [
        "0", "10k", "20k", "30k", "40k", "50k", "60k",
    ]  # fmt: skip


def test_ticks_of_epochs_lie_at_their_steps() -> None:
    ticks = ScaledSteps("epoch", 1 / 28).ticks(Limits(0, 280), 60)
    assert [tick.position for tick in ticks] == pytest.approx([0, 56, 112, 168, 224, 280])


def test_powers_of_ten_are_evenly_spaced_on_a_logarithmic_axis() -> None:
    assert labels(LOG_STEPS, Limits(0, 1e6), 60) == [
        "1", "10", "100", "1k", "10k", "100k", "1M",
    ]  # fmt: skip
    assert labels(LOG_STEPS, Limits(300, 400))[0] == "300"
    assert "500" in labels(LOG_STEPS, Limits(0, 1000), 120)


@pytest.mark.parametrize(
    ("end", "last"), [(50, "100 s"), (300, "10 min"), (10_000, "5 h"), (200_000, "4 d")]
)
def test_time_has_the_unit_that_fits(end: float, last: str) -> None:
    found = labels(CLOCK, Limits(0, end))
    assert found[-1] == last
    assert len(found) >= 3


@pytest.mark.parametrize(
    ("steps", "end"), [(0, 1.0), (0.008, 0.02), (1, 2.0), (2.1, 5.0), (9, 20.0), (10.5, 50.0)]
)
def test_a_whole_run_fills_its_time_axis_however_short_it_was(steps: float, end: float) -> None:
    assert CLOCK.limits(Limits(0, steps), HalfSpeed(), growing=True) == Limits(0, end)


def test_a_run_that_has_ended_ends_its_time_axis_and_is_drawn_to_its_last_step() -> None:
    history = LossHistory()
    history.extend(array("d", [float(step) for step in range(1, 138)]))

    class Thirds(HalfSpeed):
        """As times come that were counted from 1970 on: rounded on both ways."""

        def seconds(self, step: float) -> float:
            return (1.7e9 + step / 3) - 1.7e9

        def step(self, seconds: float) -> float:
            return ((seconds + 1.7e9) - 1.7e9) * 3 - 1e-6

    shown, times = Limits(0, 137), Thirds()
    span = CLOCK.limits(shown, times, growing=False)
    assert span == Limits(0, times.seconds(137))
    _, losses = points(CLOCK, Curve(history, "", times=times), 60, shown, span)
    assert losses[-1] == 137


@pytest.mark.parametrize("axis", [STEPS, LOG_STEPS, CLOCK, ScaledSteps("epoch", 0.1)])
def test_a_position_and_its_step_are_each_other_s_inverse(axis: StepAxis) -> None:
    for step in (1, 7, 99, 5000):
        there = axis.position(step, HalfSpeed())
        assert axis.step(there, HalfSpeed()) == pytest.approx(step)


@pytest.mark.parametrize("axis", [LOG_STEPS, CLOCK])
def test_every_column_of_an_uneven_axis_keeps_its_extremes(axis: StepAxis) -> None:
    history = LossHistory()
    losses = array("d", (math.sin(step) for step in range(2000)))
    losses[7], losses[1700] = 5.0, -5.0
    history.extend(losses)
    shown = Limits(0, 2000)
    span = axis.limits(shown, HalfSpeed(), growing=False)
    at, drawn = points(axis, Curve(history, "", times=HalfSpeed()), 60, shown, span)
    assert len(at) <= 120
    assert list(at) == sorted(at)
    assert axis.step(at[drawn.index(5.0)], HalfSpeed()) == pytest.approx(8)
    assert axis.step(at[drawn.index(-5.0)], HalfSpeed()) == pytest.approx(1701)


def test_the_axes_that_can_be_shown_are_those_that_are_known() -> None:
    assert [one.name for one in Pace().axes] == ["step", "log step"]
    assert [one.name for one in Pace(28, 64, HalfSpeed()).axes] == [
        "step", "epoch", "samples", "seconds", "log step",
    ]  # fmt: skip
    assert [one.name for one in Pace(1, 1).axes] == ["step", "samples", "log step"]
