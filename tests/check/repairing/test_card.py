"""What a script and its repair, trained from one seed, are said to have in common."""

from __future__ import annotations

import pytest

from zgtui.check.repairing.card import FIX, RepairCard, Side


@pytest.mark.parametrize(
    ("one", "other", "words", "rows"),
    [
        (
            Side((3.0, 2.0), "aa", "bb"),
            Side((3.0, 1.5), "aa", "cc"),
            "the losses differ from step 2 on",
            ["steps", "loss at step 2", "last loss", "weights before", "weights after"],
        ),
        (
            Side((3.0,), "aa", "bb"),
            Side((3.0,), "aa", "cc"),
            "the losses are equal, the weights are not",
            ["steps", "last loss", "weights before", "weights after"],
        ),
        (
            Side((3.0,), "aa", "bb"),
            Side((3.0,), "aa", "bb"),
            "both runs are equal to the last bit",
            ["steps", "last loss", "weights before", "weights after"],
        ),
        (
            Side(()),
            Side(()),
            "no step was made",
            ["steps", "last loss", "weights before", "weights after"],
        ),
    ],
)
def test_a_card_says_in_what_both_runs_differ(
    one: Side, other: Side, words: str, rows: list[str]
) -> None:
    card = RepairCard(7, FIX, one, other)
    assert card.sentence == words
    assert [name for name, _, _ in card.rows()] == rows
