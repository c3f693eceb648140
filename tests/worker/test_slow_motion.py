"""Slow motion rests on every line, until somebody asks for something."""

from __future__ import annotations

import pytest

from tests.support.training import compare
from zgtui.training.line_tracer import longest_call
from zgtui.training.step import train_step
from zgtui.worker.logged import LONGEST_REST, SHARE, SlowMotion
from zgtui.worker.protocol import AtLine

MAX_LINES = 2 * longest_call(train_step)
LINES = MAX_LINES - 1
"""What both runs of the article do in a step: B skips the line that clears."""


@pytest.mark.parametrize(
    ("speed", "rest"),
    [(1.0, SHARE / MAX_LINES), (0.5, 2 * SHARE / MAX_LINES), (0.001, LONGEST_REST)],
)
def test_the_lines_of_a_step_take_their_share_of_its_time(speed: float, rest: float) -> None:
    rests: list[float] = []
    sent: list[AtLine] = []

    def asked(seconds: float) -> bool:
        rests.append(seconds)
        return len(rests) == 4

    comparison = compare("article")
    slow_motion = SlowMotion(sent.append, asked)
    comparison.advance(follow=slow_motion.of(comparison, speed))
    assert rests == pytest.approx([rest] * 4), "no rest after somebody asked"
    comparison.advance(follow=slow_motion.of(comparison, speed))
    assert rests == pytest.approx([rest] * (4 + LINES)), "the next step takes its time again"
    assert sent[:2] == [AtLine("A", 1, 0), AtLine("A", 1, 1)]
    assert [at.step for at in sent] == [1] * LINES + [2] * LINES


@pytest.mark.parametrize("speed", [0.0, 1.5, 1000.0])
def test_faster_steps_are_not_followed(speed: float) -> None:
    sent: list[AtLine] = []
    assert SlowMotion(sent.append, lambda _: False).of(compare("article"), speed) is None
