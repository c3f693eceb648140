"""Slow motion: every line of the training step is told, and nothing is computed otherwise."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.support.training import compare, minibatches, train
from zgtui.config.settings import NEVER, RunName, RunSettings
from zgtui.training.comparison import Comparison
from zgtui.training.line_tracer import each_line, longest_call
from zgtui.training.step import train_step
from zgtui.tui.widgets.code_pane import loop_lines

CLEARS = list(range(longest_call(train_step)))
SKIPS = [line for line in CLEARS if line != 1]
"""The lines that a run executes which clears, and one which does not: the second clears."""


def followed(comparison: Comparison, steps: int) -> list[tuple[RunName, int]]:
    """Each line that each run does in these steps."""
    told: list[tuple[RunName, int]] = []
    for _ in range(steps):
        comparison.advance(follow=lambda run, line: told.append((run, line)))
    return told


def test_a_run_that_never_clears_skips_the_line_that_does() -> None:
    told = followed(compare("article"), 1)
    assert told == [*(("A", line) for line in CLEARS), *(("B", line) for line in SKIPS)]
    assert loop_lines()[1].strip() == "optimizer.zero_grad()"


def test_the_lines_are_those_of_the_loop_that_is_shown() -> None:
    lines = [*loop_lines(), "return"]
    assert [lines[line].strip().partition("(")[0] for line in CLEARS] == [
        "if clearing.due",
        "optimizer.zero_grad",
        "loss = criterion",
        "loss.backward",
        "optimizer.step",
        "return",
    ]


def test_accumulation_does_its_inner_lines_once_for_each_micro_batch() -> None:
    comparison = compare(minibatches(), b=RunSettings(clear=NEVER, accumulate=3))
    told = [line for run, line in followed(comparison, 1) if run == "B"]
    backward = next(
        at
        for at, line in enumerate(loop_lines("train_step_accumulated"))
        if line.strip() == "loss.backward()"
    )
    assert told.count(backward) == 3
    skipped = 1
    assert len(CLEARS) + len(told) + skipped == comparison.lines


@pytest.mark.parametrize("changes", [{}, {"clip": 0.5}, {"optimizer": "Adam"}], ids=str)
def test_being_followed_changes_no_loss(changes: dict[str, Any]) -> None:
    plain = train(compare(minibatches(), **changes), 6)
    comparison = compare(minibatches(), **changes)
    assert followed(comparison, 6)
    assert comparison.drain().losses == plain


def test_a_tracer_that_was_there_comes_back() -> None:
    def mine(*_: object) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(mine)
    try:
        with each_line(lambda _: None, loop_lines):
            assert sys.gettrace() is not mine
        assert sys.gettrace() is mine
    finally:
        sys.settrace(before)
