"""Whole runs, their newest steps and windows of them."""

from __future__ import annotations

import pytest

from zgtui.charts.axes import Limits, step_ticks
from zgtui.charts.shown_steps import ShownSteps

RUN = Limits(0, 1000)


def window(start: float, end: float) -> ShownSteps:
    return ShownSteps("window", start, end)


def test_a_zoom_keeps_the_step_at_its_place() -> None:
    assert ShownSteps().zoomed(0.5, 250, RUN, 900) == window(125, 625)
    assert window(125, 625).zoomed(0.5, 625, RUN, 900) == window(375, 625)


def test_a_zoom_ends_at_the_whole_run_and_at_a_few_steps() -> None:
    assert window(100, 700).zoomed(2, 300, RUN, 900) == ShownSteps()
    near = window(100, 110)
    for _ in range(20):
        near = near.zoomed(0.5, 105, RUN, 900)
    assert near.end - near.start == 4


def test_a_window_stays_in_the_run() -> None:
    assert window(100, 300).moved(-3, RUN, 900) == window(0, 200)
    assert window(700, 900).moved(3, RUN, 900) == window(800, 1000)
    assert window(990, 1000).zoomed(10, 1000, RUN, 900).limits(RUN, 900) == Limits(900, 1000)
    assert ShownSteps().moved(0.5, RUN, 900) == ShownSteps()


def test_the_tail_moves_in_jumps_and_never_begins_before_the_run() -> None:
    tail = window(200, 300).follow(RUN, 900)
    assert tail.limits(RUN, 900) == Limits(800, 900)
    assert tail.limits(RUN, 901) == tail.limits(RUN, 910) == Limits(810, 910)
    assert tail.limits(RUN, 7) == Limits(0, 100)
    assert tail.follow(RUN, 900) == ShownSteps()
    assert tail.zoomed(0.5, 0, RUN, 900).limits(RUN, 900) == Limits(850, 900)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (ShownSteps(), ""),
        (window(1200, 1400), "steps 1,200 to 1,400"),
        (ShownSteps("tail", 0, 2000), "newest 2,000 steps"),
    ],
)
def test_what_is_shown_is_told(shown: ShownSteps, words: str) -> None:
    assert shown.words() == words


def test_labels_of_a_short_window_far_out_differ() -> None:
    labels = [tick.label for tick in step_ticks(Limits(9_876_540, 9_876_580), 80)]
    assert len(set(labels)) == len(labels) >= 3
    assert "9,876,550" in labels


def test_a_wheel_turned_there_and_back_shows_the_whole_run() -> None:
    run = Limits(0.0, 20.0)
    for tenth in range(201):
        at = tenth / 10
        assert ShownSteps().zoomed(0.8, at, run, 20).zoomed(1.25, at, run, 20).kind == "run"
