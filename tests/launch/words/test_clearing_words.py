"""How a script clears, in a sentence, made of what was seen of each of its optimizers."""

from __future__ import annotations

from typing import Any

import pytest

from zgtui.launch.words.clearing_words import verdict
from zgtui.runlog.events import ClearingSeen


def habit(optimizer: str, outcome: str | None = "cleared", **changes: Any) -> dict[str, Any]:
    usual = {"optimizer": optimizer, "outcome": outcome, "period": 1, "backwards": 1}
    return {**usual, "zero_grad": True, **changes}


def said(*habits: dict[str, Any]) -> str:
    return verdict(ClearingSeen("A", 12, list(habits), looked=12))


@pytest.mark.parametrize(
    ("habits", "words"),
    [
        ([habit("SGD")], "your script clears its gradients at every step"),
        (
            [habit("SGD", period=4)],
            "your script clears its gradients every 4 steps: in between they add up",
        ),
        (
            [habit("SGD", backwards=2)],
            "your script clears its gradients at every step, after 2 backward() calls",
        ),
        ([habit("")], "your script clears its gradients before every backward()"),
        (
            [habit("SGD", "replaced", zero_grad=True)],
            "your script replaces its gradients: zero_grad() does nothing here",
        ),
        ([habit("Adam"), habit("SGD")], "your script clears its gradients at every step"),
        (
            [habit("Adam"), habit("SGD", "kept"), habit("RMSprop")],
            (
                "with Adam and RMSprop your script clears its gradients at every step;"
                " with SGD your script does not clear its gradients: they add up"
            ),
        ),
        (
            [habit("Adam"), habit("SGD", None)],
            "with Adam your script clears its gradients at every step",
        ),
    ],
)
def test_each_way_to_clear_has_its_sentence(habits: list[dict[str, Any]], words: str) -> None:
    assert said(*habits) == f"{words} (seen in 12 steps)"


def test_nothing_is_said_while_too_little_was_seen() -> None:
    assert verdict(None) == ""
    assert said() == ""
    assert said(habit("SGD", None)) == ""
