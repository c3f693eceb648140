"""The verdict: which run does what it should, and why not the other, in the metric that matters."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing, RunName, RunSettings, Settings
from zgtui.curves.trend import Trend
from zgtui.explain.outcome import Difference, Outcome, RunOutcome
from zgtui.explain.verdict import verdict, verdicts_apart

RIGHT = RunSettings(clear=EVERY, lr=0.1)
FAULTY = RunSettings(clear=NEVER, lr=0.1)
TRAINING = Trend("training")
MEANS = " (means of the newest 20 steps)."


def run(name: RunName, loss: float, *, trend: Trend = TRAINING, **changes: object) -> RunOutcome:
    settings = RIGHT if name == "A" else FAULTY
    outcome = RunOutcome(
        name=name, settings=settings, trend=trend, first=2.0, newest=[loss] * 30, steps=100
    )
    return replace(outcome, **changes)  # type: ignore[arg-type]  # fields of its own


def both(a: RunOutcome, b: RunOutcome, **changes: object) -> Outcome:
    outcome = Outcome(a=a, b=b, step=100, settings=Settings(), finished=True, differ_at=3)
    return replace(outcome, **changes)  # type: ignore[arg-type]  # fields of its own


def by_accuracy(a: float, b: float, **changes: object) -> str:
    better, worse = run("A", 0.1, accuracy=a), run("B", 3.5, accuracy=b)
    return verdict(replace(both(better, worse, chance=0.1), **changes))  # type: ignore[arg-type]  # likewise


def test_one_run_learned_and_the_other_did_not() -> None:
    assert by_accuracy(0.96, 0.23) == (
        "A learned (96 % accuracy). B did not (23 %; guessing gives 10 %):"
        " it never clears its gradients."
    )
    assert by_accuracy(0.96, 0.23, finished=False).startswith(
        "A learned (96 % accuracy). B has not (23 %"
    )
    assert by_accuracy(0.96, 0.6) == (
        "A learned (96 % accuracy). B did only in part (60 %): it never clears its gradients."
    )


def test_the_faulty_run_wins_in_spite_of_its_fault() -> None:
    assert by_accuracy(0.2, 0.991) == (
        "B learned (99.1 % accuracy), although it never clears its gradients."
        " A did not (20 %; guessing gives 10 %)."
    )


def test_neither_learned() -> None:
    assert by_accuracy(0.12, 0.15) == (
        "Neither run learned (A 12 %, B 15 % accuracy; guessing gives 10 %)."
    )
    assert by_accuracy(0.12, 0.15, finished=False).startswith("Neither run has learned yet")


def test_both_learned_and_the_fault_hides() -> None:
    runs = run("A", 0.2, accuracy=0.935), run("B", 0.01, accuracy=0.949)
    assert verdict(both(*runs, chance=0.1)) == (
        "Both runs learned (A 93.5 %, B 94.9 % accuracy), although B never clears its gradients;"
        " B has the lower mean loss, 0.01 against 0.2."
    )
    assert by_accuracy(0.958, 0.8) == (
        "Both runs learned, A more (95.8 % accuracy against 80 %): B never clears its gradients."
    )


def test_the_reason_is_given_only_where_nothing_else_differs() -> None:
    other_rate = replace(FAULTY, lr=0.2)
    runs = run("A", 0.1, accuracy=0.96), run("B", 3.5, accuracy=0.2, settings=other_rate)
    assert "clears" not in verdict(both(*runs, chance=0.1))
    changed = run("B", 3.5, accuracy=0.2, changed=True)
    assert "clears" not in verdict(both(runs[0], changed, chance=0.1))
    assert "clears" not in by_accuracy(0.96, 0.23, same_init=False)
    every_two = run("B", 3.5, accuracy=0.2, settings=replace(FAULTY, clear=Clearing(2)))
    assert verdict(both(runs[0], every_two, chance=0.1)).endswith(": it clears only every 2 steps.")


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (
            run("A", 0.0, trend=Trend("converged", since=6)),
            run("B", 0.2, trend=Trend("oscillating", period=2.7), newest=[0.01, 0.4] * 32),
            "A converged (loss 0). B oscillates (loss 0.01 to 0.4): it never clears its gradients.",
        ),
        (
            run("A", 9e9, trend=Trend("growing", growth=4.0)),
            run("B", 0.2, trend=Trend("oscillating", period=3.0), newest=[0.3, 1.2] * 32),
            (
                "A's loss grows ×4 per step. B oscillates (loss 0.3 to 1.2),"
                " although it never clears its gradients."
            ),
        ),
        (
            run("A", math.nan, trend=Trend("diverged", since=40)),
            run("B", 9e9, trend=Trend("growing", growth=2.0)),
            "Both runs fail: A diverged at step 40, and B's loss grows ×2 per step.",
        ),
        (
            run("A", 2.69),
            run("B", 3.96),
            (
                "A ended ahead (loss 2.69 against 3.96, means of the newest 20 steps);"
                " B never clears its gradients."
            ),
        ),
        (
            run("A", 0.9),
            run("B", 0.8),
            (
                "B ended ahead (loss 0.8 against 0.9, means of the newest 20 steps),"
                " although it never clears its gradients."
            ),
        ),
        (
            run("A", 0.9),
            run("B", 0.901),
            "A and B do about equally well (loss 0.9 against 0.901, means of the newest 20 steps).",
        ),
        (
            run("A", 0.2, trend=Trend("converged", since=6)),
            run("B", 0.2, trend=Trend("converged", since=60)),
            "A and B converged to the same loss (0.2).",
        ),
        (
            run("A", 0.9, trend=Trend("converged", since=6)),
            run("B", 0.2, trend=Trend("oscillating", period=3.0), newest=[0.1, 0.3] * 32),
            "A converged (loss 0.9). B oscillates (loss 0.1 to 0.3).",
        ),
        (
            run("A", 0.9, accuracy=0.9),
            run("B", 0.1, newest=[math.inf, 0.1]),
            "A's loss is 0.9, B's 0.1.",
        ),
    ],
)
def test_without_an_accuracy_the_losses_decide(a: RunOutcome, b: RunOutcome, words: str) -> None:
    assert verdict(both(a, b)) == words


def test_of_losses_that_may_work_against_each_other_the_lower_is_not_called_ahead() -> None:
    outcome = both(run("A", 0.9), run("B", 0.8), apart=True)
    assert (
        verdict(outcome) == "B's loss ended lower (0.8 against 0.9, means of the newest 20 steps)."
    )
    going = replace(outcome, finished=False)
    assert verdict(going).startswith("B's loss is lower so far (0.8 against 0.9, ")


def test_losses_that_are_lower_in_the_same_run_share_a_sentence() -> None:
    g, d = (both(run("A", low), run("B", 0.8), apart=True) for low in (0.1, 0.2))
    e = both(run("A", 0.9), run("B", 0.8), apart=True)
    equal = both(run("A", 0.5), run("B", 0.501), apart=True)
    assert verdicts_apart({"loss_g": g, "loss_e": e, "loss_d": d, "loss_x": equal}) == [
        f"A's losses ended lower: loss_g 0.1 against 0.8, loss_d 0.2 against 0.8{MEANS}",
        "loss_e: B's loss ended lower (0.8 against 0.9, means of the newest 20 steps).",
        f"loss_x: {verdict(equal)}",
    ]
    going = {name: replace(one, finished=False) for name, one in (("g", g), ("d", d))}
    assert verdicts_apart(going) == [
        f"A's losses are lower so far: g 0.1 against 0.8, d 0.2 against 0.8{MEANS}"
    ]
    other = replace(d, a=replace(d.a, newest=[0.2] * 8, steps=8))
    assert len(verdicts_apart({"loss_g": g, "loss_d": other})) == 2, "means of other steps"
    assert verdicts_apart({"loss_g": g, "loss_d": replace(d, step=0)}) == [
        "loss_g: A's loss ended lower (0.1 against 0.8, means of the newest 20 steps)."
    ]


def test_nothing_is_said_before_the_first_step_and_equality_while_it_lasts() -> None:
    a, b = run("A", 0.3, steps=2, newest=[0.3, 0.1]), run("B", 0.3, steps=2, newest=[0.3, 0.1])
    equal = both(a, b, differ_at=None, finished=False)
    assert verdict(replace(equal, step=0)) == ""
    assert verdict(replace(equal, step=1)).startswith("Loss 1 is the same in both runs")
    assert verdict(replace(equal, step=2)).startswith("Losses 1 and 2 are the same in both runs")
    assert verdict(replace(equal, step=9)) == "A and B are equal so far (loss 0.1)."
    alike = replace(equal, step=9, b=replace(b, settings=RIGHT))
    assert verdict(alike) == "A and B have the same settings and are equal (loss 0.1)."


def test_runs_of_which_one_has_no_accuracy_yet_are_judged_by_loss() -> None:
    assert verdict(both(run("A", 0.1, accuracy=0.9), run("B", 0.8), chance=0.1)).startswith(
        "A ended ahead (loss 0.1 against 0.8"
    )


def test_a_run_with_a_diverged_one_beside_it_is_judged_by_loss() -> None:
    a = run("A", 0.1, accuracy=0.9)
    b = run("B", math.nan, accuracy=0.1, trend=Trend("diverged", since=7))
    assert verdict(both(a, b, chance=0.1)) == (
        "B diverged at step 7: it never clears its gradients. A's loss is 0.1."
    )


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_the_first_difference_is_found_however_losses_come(chunk: int) -> None:
    a, b = [1.0, math.nan, 0.5, 0.25, 0.1], [1.0, math.nan, 0.5, 0.3, 0.1]
    difference = Difference()
    for at in range(0, 5, chunk):
        difference.extend("A", array("d", a[at : at + chunk]))
    assert difference.at is None
    for at in range(0, 5, chunk):
        difference.extend("B", array("d", b[at : at + chunk]))
    assert difference.at == 4
