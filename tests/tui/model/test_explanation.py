"""Each sentence of the explanation stands there when it is true, and not otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings
from zgtui.curves.trend import Trend
from zgtui.theory.stability import UNKNOWN, StabilityVerdict
from zgtui.tui.model import explanation as why
from zgtui.tui.model.explanation import BothRuns, RunFacts

RIGHT = RunSettings(clear=EVERY, lr=0.1)
FAULTY = RunSettings(clear=NEVER, lr=0.1)
A = RunFacts(name="A", settings=RIGHT, steps=30, mean=0.2, last=0.2, q=1.2, modes=1, limit=2.0)
B = RunFacts(name="B", settings=FAULTY, steps=30, mean=0.3, last=0.3, q=1.2, modes=1, limit=4.0)
OSCILLATES = Trend("oscillating", period=2.69)
GROWS = Trend("growing", growth=4.0)
DIVERGED = Trend("diverged", since=90)
BASE = BothRuns(a=A, b=B, step=30, full_batch=True)


def every(period: int) -> RunFacts:
    return replace(B, settings=replace(FAULTY, clear=Clearing(period)))


def test_before_the_first_step_only_the_policies_are_told() -> None:
    facts = replace(BASE, step=0)
    assert why.explain(facts) == [
        "Run A clears its gradients before every step. Run B never clears its gradients."
    ]
    alike = replace(facts, b=replace(B, settings=RIGHT))
    assert why.policies(alike).endswith("before every step. So does run B.")
    parts = replace(facts, b=replace(B, settings=replace(FAULTY, accumulate=4)))
    assert "accumulates 4 micro-batches per step and never clears" in why.policies(parts)
    assert why.policies(BASE) == ""


def test_an_oscillation_is_told_with_its_measured_and_its_theoretical_period() -> None:
    run = replace(B, trend=OSCILLATES, verdict=StabilityVerdict("oscillates", 2.71, 1.0))
    words = "B oscillates about every 2.69 steps (2.71 by theory), undamped."
    assert why.course(BASE, run) == words
    unknown = replace(run, verdict=UNKNOWN)
    assert why.course(BASE, unknown) == "B oscillates about every 2.69 steps."
    damped = replace(run, verdict=StabilityVerdict("converges", 2.71, 0.99))
    assert why.course(BASE, damped) == "B oscillates about every 2.69 steps."
    assert why.course(BASE, replace(run, trend=Trend("oscillating"))) == ""
    assert why.course(BASE, replace(run, trend=Trend("training"))) == ""


def test_convergence_is_told_with_what_shrinks_and_by_how_much() -> None:
    found = StabilityVerdict("converges", None, 0.04)
    run = replace(A, trend=Trend("converged", since=6), verdict=found, target=0.0)
    assert why.course(BASE, run) == "A converged at step 6: its loss shrinks ×0.04 per step."
    decayed = replace(BASE, weight_decay=1.0)
    assert why.course(decayed, replace(run, target=0.00592)) == (
        "A converged at step 6: its distance to the loss 0.00592 shrinks ×0.2 per step,"
        " in the long run."
    )
    assert why.course(replace(BASE, momentum=0.9), run) == "", "it has two factors"
    at_once = replace(run, verdict=StabilityVerdict("converges", None, 1.6e-19))
    assert why.course(BASE, at_once) == "", "a run that is there in one step has no factor"
    assert why.course(BASE, replace(run, modes=3)) == ""
    assert why.course(BASE, replace(run, verdict=UNKNOWN)) == ""


@pytest.mark.parametrize(
    ("run", "cause"),
    [
        (replace(A, q=3.0), "A is unstable: lr·λ = 3 is above its limit, 2."),
        (replace(B, q=4.2), "B is unstable: lr·λ = 4.2 is above its limit, 4."),
        (replace(A, q=4.0, limit=3.8), "A is unstable: lr·λ = 4 is above its limit, 3.8."),
        (
            every(2),
            "B is unstable: clearing every 2 steps does not damp it, at lr·λ = 1.2.",
        ),
        (replace(every(2), modes=3), "B is unstable: clearing every 2 steps does not damp it."),
        (replace(A, q=5.0, limit=None), ""),
    ],
)
def test_a_run_that_grows_is_told_why(run: RunFacts, cause: str) -> None:
    run = replace(run, trend=GROWS, verdict=StabilityVerdict("diverges", None, 4.0))
    assert why.cause(BASE, run) == cause
    assert why.cause(BASE, replace(run, trend=Trend("training"))) == ""


def test_divergence_under_momentum_is_laid_to_the_accumulated_gradients() -> None:
    facts = replace(BASE, momentum=0.9)
    run = replace(B, trend=DIVERGED, verdict=StabilityVerdict("unstable at any rate"), limit=None)
    assert "unstable at any learning rate" in why.cause(facts, run)
    assert why.cause(facts, replace(A, trend=DIVERGED, verdict=UNKNOWN)) == ""


def test_minibatch_noise_is_blamed_where_it_adds_up() -> None:
    facts = replace(BASE, full_batch=False)
    noise = "In B the noise of all batches adds up in .grad."
    assert why.cause(facts, replace(B, trend=GROWS)) == noise
    assert why.cause(BASE, replace(B, trend=GROWS)) == ""
    assert why.cause(facts, replace(A, trend=GROWS)) == ""
    assert why.cause(facts, replace(B, trend=GROWS, changed_at=9)) == ""
    assert why.cause(replace(facts, optimizer="Adam"), replace(B, trend=GROWS)) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (BASE, "steps along the sum of all its gradients so far: that is SGD with momentum 1."),
        (replace(BASE, momentum=0.9), "momentum runs over the sum of all its gradients so far"),
        (replace(BASE, optimizer="Adam"), "In B Adam gets the sum of all its gradients so far"),
        (replace(BASE, clip=0.1), "carries .grad over from step to step, clipped to 0.1."),
        (replace(BASE, weight_decay=1.0), "it steps as SGD with momentum 0.9 and no decay."),
        (replace(BASE, weight_decay=20.0), "the sum of all its gradients so far, and weight decay"),
    ],
)
def test_what_a_run_that_never_clears_steps_along(facts: BothRuns, words: str) -> None:
    assert words in why.mechanism(facts, B)
    assert why.mechanism(facts, A) == ""
    if facts.clip is not None:
        assert "momentum" not in why.mechanism(facts, B), "a clipped sum is no momentum"
    assert why.mechanism(replace(facts, step=0), B) == "", "nothing is given away"


def test_a_run_that_has_cleared_before_does_not_hold_all_of_its_gradients() -> None:
    assert "since it last cleared" in why.mechanism(BASE, replace(B, has_cleared=True))


def test_a_run_that_clears_every_n_steps_applies_gradients_up_to_n_times() -> None:
    assert why.mechanism(BASE, every(3)) == (
        "B applies a gradient up to 3 times: it clears only every 3 steps."
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(BASE, optimizer="RMSprop"), "RMSprop hides the damage"),
        (replace(BASE, optimizer="AdamW"), "AdamW delays the damage"),
        (replace(BASE, clip=1.0), "no update is longer than lr × 1."),
    ],
)
def test_what_hides_the_fault_is_told_while_it_hides(facts: BothRuns, words: str) -> None:
    assert words in why.hidden(facts, facts.b)
    assert why.hidden(facts, facts.a) == ""
    assert why.hidden(facts, replace(B, mean=0.5)) == "", "no longer hidden"
    assert why.hidden(facts, replace(B, trend=GROWS)) == ""
    assert why.hidden(replace(facts, step=19), B) == ""
    assert why.hidden(replace(facts, a=replace(A, settings=FAULTY)), B) == ""


def test_plain_sgd_hides_nothing() -> None:
    assert why.hidden(BASE, B) == ""
    assert why.hidden(replace(BASE, clip=1.0, momentum=0.9), B) == ""


def test_the_faulty_run_holds_where_the_correct_one_fails() -> None:
    failing = replace(A, trend=DIVERGED, verdict=StabilityVerdict("diverges"))
    holding = replace(B, trend=OSCILLATES, verdict=StabilityVerdict("oscillates"))
    facts = replace(BASE, a=failing)
    assert why.holds(facts, holding) == (
        "B stays bounded where A does not: its limit of lr·λ is 4, that of A 2."
    )
    assert why.holds(facts, replace(holding, verdict=StabilityVerdict("diverges"))) == ""
    assert why.holds(replace(facts, a=replace(failing, trend=Trend("training"))), holding) == ""


def test_weight_decay_damps_a_run_that_never_clears() -> None:
    facts = replace(BASE, weight_decay=1.0)
    assert why.damping(facts, B).endswith("it steps as SGD with momentum 0.9 and no decay.")
    assert why.damping(facts, A) == ""
    assert why.damping(BASE, B) == ""
    assert why.damping(replace(facts, momentum=0.9), B) == ""
    assert why.damping(replace(facts, constant=False), B) == ""
    assert why.damping(facts, replace(B, changed_at=9)) == ""


def test_uphill_steps_are_counted_where_they_are_the_same_on_every_machine() -> None:
    run = replace(B, uphill=6)
    assert why.uphill(BASE, run) == (
        "B went uphill, against the gradient of the step, in 6 of its first 20 steps."
    )
    assert why.uphill(replace(BASE, step=19), run) == ""
    assert why.uphill(BASE, replace(run, uphill=None)) == "", "not all were measured"
    assert why.uphill(BASE, replace(run, uphill=0)) == ""
    assert why.uphill(BASE, replace(run, name="A", settings=RIGHT)) == ""


def test_leftovers_are_told_with_the_step_they_were_measured_at() -> None:
    assert why.leftovers(BASE, replace(B, ratio=3.2, sampled=20)) == (
        "At step 20 B's .grad was 3.2 times as long as the gradient of that step."
    )
    assert why.leftovers(BASE, replace(B, ratio=1.0)) == ""
    assert why.leftovers(BASE, replace(A, ratio=3.2)) == ""
    assert why.leftovers(BASE, B) == ""


def test_what_came_of_a_change_is_told_once_a_step_was_taken_with_it() -> None:
    run = replace(B, steps=35, changed_at=31, change="has lr 0.25", before_change=0.19, last=7e-6)
    assert why.since_change(BASE, run) == (
        "Since step 31 B has lr 0.25: its loss went from 0.19 (mean of 10 steps) to 7e-06."
    )
    assert why.since_change(BASE, replace(run, steps=31)) == ""
    assert why.since_change(BASE, B) == ""


def test_the_result_comes_first_and_b_before_a() -> None:
    busy = replace(B, trend=OSCILLATES, uphill=6, ratio=3.2, sampled=20)
    facts = replace(
        BASE, result="Result.", outlook="By theory.", b=busy, a=replace(A, trend=OSCILLATES)
    )
    lines = why.explain(facts)
    assert [line[:9] for line in lines] == [
        "Result.", "By theory", "B steps a", "B oscilla", "A oscilla", "B went up", "At step 2",
    ]  # fmt: skip
    assert len(lines) == why.MAX_LINES
