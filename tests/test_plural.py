"""Numbers of things, and choices, in words."""

from __future__ import annotations

import pytest

from zgtui.plural import any_of, plural


@pytest.mark.parametrize(
    ("count", "word", "said"),
    [
        (1, "step", "1 step"),
        (0, "more file", "0 more files"),
        (2000, "backward pass", "2,000 backward passes"),
        (2, "micro-batch", "2 micro-batches"),
        (1, "pass", "1 pass"),
        (2, "Epoch", "2 Epochs"),
    ],
)
def test_one_is_one_and_more_are_several(count: int, word: str, said: str) -> None:
    assert plural(count, word) == said


def test_the_last_choice_follows_an_or() -> None:
    assert any_of([".png", ".svg", ".pdf"]) == ".png, .svg or .pdf"
    assert any_of(["cpu", "cuda"]) == "cpu or cuda"
    assert any_of(["cpu"]) == "cpu"
