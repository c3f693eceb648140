"""Why both runs have the same losses, by what was seen of them: no reason is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zgtui.config.settings import RunName
from zgtui.instrument.protocol import Policy
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.process import Ending
from zgtui.launch.words.equality import equality_reasons, equality_words
from zgtui.runlog.events import ClearingSeen, TrainingSeen


def made(optimizer: str = "SGD (line 4)", **changes: Any) -> dict[str, Any]:
    usual = {"optimizer": optimizer, "made": 1, "steps": 9, "skipped": 0, "lrs": [0.1]}
    return {**usual, "moves": True, **changes}


def habit(optimizer: str, outcome: str = "cleared", **changes: Any) -> dict[str, Any]:
    return {"optimizer": optimizer, "outcome": outcome, "period": 1, **changes}


def pair(
    *optimizers: dict[str, Any], habits: list[dict[str, Any]] | None = None, b: Policy = "never"
) -> dict[RunName, LaunchedRun]:
    """A clears every step, and B does what was seen."""
    runs: dict[RunName, LaunchedRun] = {
        "A": LaunchedRun("A", Path("log"), "every", intervened=True),
        "B": LaunchedRun("B", Path("log"), b, intervened=True),
    }
    runs["B"].training = TrainingSeen("B", 9, 9, 0, list(optimizers))
    if habits is not None:
        runs["B"].kept = ClearingSeen("B", 9, habits, looked=9, policy="never")
    return runs


@pytest.mark.parametrize(
    ("runs", "reasons"),
    [
        (pair(made(steps=4, skipped=3)), ["SGD (line 4) took only one step"]),
        (
            pair(made("SGD"), made("Adam", moves=False), habits=[habit("SGD", zero=True)]),
            ["every gradient of SGD was zero", "the learning rate of Adam was 0 in every step"],
        ),
        (
            pair(made("SGD", moves=False), made("Adam", moves=False)),
            ["the learning rate of SGD and Adam was 0 in every step"],
        ),
        (pair(made("SGD"), made("Adam", moves=False), habits=[habit("SGD", "kept")]), []),
        (pair(made("SGD"), habits=[]), []),
        (pair(habits=[habit("", "replaced")]), None),
        (pair(habits=[habit("", "replaced"), habit("", "kept")]), []),
    ],
)
def test_a_reason_holds_for_everything_that_is_trained(
    runs: dict[RunName, LaunchedRun], reasons: list[str] | None
) -> None:
    by_hand = ["the script sets the gradients itself: no backward() adds to them"]
    assert equality_reasons(runs, 9) == (by_hand if reasons is None else reasons)


def test_a_run_of_which_nothing_was_seen_has_no_reason() -> None:
    runs = pair()
    runs["B"].training = None
    assert equality_words(runs, 9) == (
        "A and B are bit-equal in the first 9 steps: no reason for that was seen"
    )
    assert equality_words(runs, 0) == ""
    assert equality_words(runs, 1).startswith("A and B are bit-equal in the first step: ")
    for run in runs.values():
        run.ending = Ending(0, "it ended")
    assert equality_words(runs, 1).startswith("A and B are bit-equal in the only step: ")
