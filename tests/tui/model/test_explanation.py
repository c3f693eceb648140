"""Each sentence of the explanation stands there when it is true, and not otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.curves.trend import Trend
from zgtui.theory.stability import UNKNOWN, Verdict
from zgtui.tui.model import explanation as why
from zgtui.tui.model.explanation import BothRuns, RunFacts

A = RunFacts(name="A", clear=EVERY, lr=0.1, recent=0.2, last=0.2, q=1.2, modes=1)
B = RunFacts(name="B", clear=NEVER, lr=0.1, recent=0.3, last=0.3, q=1.2, modes=1)
OSCILLATES = Trend("oscillating", period=2.69)
GROWS = Trend("growing", growth=4.0)
DIVERGED = Trend("diverged", since=90)
BASE = BothRuns(a=A, b=B, step=30, full_batch=True)


def test_the_verdict_is_told_before_the_first_step_or_where_it_is_asked_for() -> None:
    facts = replace(BASE, outlook="A will converge.")
    assert why.before(replace(facts, step=0)) == "A will converge."
    assert why.before(replace(facts, theory=True)) == "A will converge."
    assert why.before(facts) == ""


def test_equal_first_losses_are_told_at_steps_1_and_2_alone() -> None:
    facts = replace(BASE, step=2, b=replace(B, last=0.2))
    assert why.same_losses(facts).startswith("Losses 1 and 2 are the same")
    assert why.same_losses(replace(facts, step=3)) == ""
    assert why.same_losses(replace(facts, same_init=False)) == ""
    assert why.same_losses(replace(facts, b=replace(B, last=0.21))) == ""
    assert why.same_losses(replace(facts, b=replace(B, last=0.2, lr=0.2))) == ""


def test_an_oscillation_is_told_with_its_measured_and_its_predicted_period() -> None:
    run = replace(B, trend=OSCILLATES, verdict=Verdict("oscillates", 2.71, 1.0))
    assert why.outcome(BASE, run) == "B oscillates every 2.69 steps (2.71 predicted), undamped."
    assert why.outcome(BASE, replace(run, verdict=UNKNOWN)) == "B oscillates every 2.69 steps."
    assert why.outcome(BASE, replace(run, trend=Trend("training"))) == ""


def test_convergence_is_told_with_the_factor_that_theory_gives() -> None:
    run = replace(A, trend=Trend("converged", since=6), verdict=Verdict("converges", None, 0.04))
    assert why.outcome(BASE, run) == "A converged at step 6: its loss shrinks ×0.04 per step."
    assert why.outcome(BASE, replace(run, verdict=UNKNOWN)) == "A converged at step 6."


@pytest.mark.parametrize(
    ("run", "changes", "cause"),
    [
        (replace(A, q=3.0), {}, ": lr·λ = 3 is above 2."),
        (replace(B, q=4.2), {}, ": lr·λ = 4.2 is above 4."),
        (
            replace(B, clear=Clearing(2)),
            {},
            ": clearing every 2 steps is unstable at lr·λ = 1.2.",
        ),
        (replace(B, clear=Clearing(2), modes=3), {}, ": clearing every 2 steps is unstable."),
        (replace(A, q=5.0), {"weight_decay": 0.1}, "."),
    ],
)
def test_growth_is_told_with_its_factor_and_its_cause(
    run: RunFacts, changes: dict[str, float], cause: str
) -> None:
    run = replace(run, trend=GROWS, verdict=Verdict("diverges", None, 4.0))
    facts = BothRuns(
        a=A, b=B, step=30, full_batch=True, weight_decay=changes.get("weight_decay", 0)
    )
    assert why.outcome(facts, run) == f"{run.name}'s loss grows ×4 per step{cause}"


def test_divergence_under_momentum_is_laid_to_the_accumulated_gradients() -> None:
    facts = replace(BASE, momentum=0.9)
    run = replace(B, trend=DIVERGED, verdict=Verdict("unstable at any rate"))
    assert "momentum on top of accumulated gradients is unstable at any lr" in why.outcome(
        facts, run
    )
    cleared = replace(A, trend=DIVERGED, verdict=Verdict("diverges"))
    assert why.outcome(facts, cleared) == "A diverged at step 90."


def test_minibatch_noise_is_blamed_where_it_adds_up() -> None:
    facts = replace(BASE, full_batch=False)
    noise = ": the noise of all batches adds up in .grad."
    assert why.outcome(facts, replace(B, trend=GROWS)).endswith(noise)
    assert not why.outcome(BASE, replace(B, trend=GROWS)).endswith(noise)
    assert not why.outcome(facts, replace(A, trend=GROWS)).endswith(noise)
    assert not why.outcome(replace(facts, optimizer="Adam"), replace(B, trend=GROWS)).endswith(
        noise
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
    assert why.hidden(facts, replace(B, recent=0.5)) == "", "no longer hidden"
    assert why.hidden(facts, replace(B, trend=GROWS)) == ""
    assert why.hidden(replace(facts, step=19), B) == ""
    assert why.hidden(replace(facts, a=replace(A, clear=NEVER)), B) == ""


def test_plain_sgd_hides_nothing() -> None:
    assert why.hidden(BASE, B) == ""
    assert why.hidden(replace(BASE, clip=1.0, momentum=0.9), B) == ""


def test_a_run_that_never_clears_is_ahead_by_its_full_batches() -> None:
    ahead = replace(B, recent=0.1)
    assert "full batches have no noise to add up" in why.helped(BASE, ahead)
    assert why.helped(BASE, B) == ""
    assert why.helped(replace(BASE, full_batch=False), ahead) == ""
    assert why.helped(replace(BASE, optimizer="Adam"), ahead) == ""
    assert why.helped(replace(BASE, step=5), ahead) == ""


def test_the_faulty_run_holds_where_the_correct_one_fails() -> None:
    failing = replace(A, trend=DIVERGED, verdict=Verdict("diverges"))
    holding = replace(B, trend=OSCILLATES, verdict=Verdict("oscillates"))
    facts = replace(BASE, a=failing)
    assert "B stays stable where A does not" in why.helped(facts, holding)
    assert why.helped(facts, replace(holding, verdict=Verdict("diverges"))) == ""
    assert why.helped(replace(facts, a=replace(failing, trend=Trend("training"))), holding) == ""


def test_weight_decay_damps_a_run_that_never_clears() -> None:
    facts = replace(BASE, weight_decay=1.0)
    assert why.damping(facts, B) == "Weight decay damps B: it is SGD with momentum 0.9."
    assert why.damping(facts, A) == ""
    assert why.damping(BASE, B) == ""
    assert why.damping(replace(facts, momentum=0.9), B) == ""
    assert why.damping(replace(facts, constant=False), B) == ""


def test_uphill_steps_are_told_with_their_predicted_share() -> None:
    run = replace(B, uphill=0.3, sampled=20)
    assert why.uphill(BASE, run) == "B stepped uphill in 30% of 20 steps (32% predicted)."
    assert "predicted" not in why.uphill(BASE, replace(run, modes=2))
    assert "predicted" not in why.uphill(replace(BASE, weight_decay=0.1), run)
    assert why.uphill(BASE, replace(run, uphill=0.0)) == ""
    assert why.uphill(BASE, replace(run, sampled=7)) == ""
    assert why.uphill(BASE, replace(run, name="A", clear=EVERY)) == ""


def test_leftovers_are_told_where_there_are_any() -> None:
    assert "3.2 times as long" in why.leftovers(BASE, replace(B, ratio=3.2))
    assert why.leftovers(BASE, replace(B, ratio=1.0)) == ""
    assert why.leftovers(BASE, replace(A, ratio=3.2)) == ""
    assert why.leftovers(BASE, B) == ""


def test_four_lines_at_most_and_b_before_a() -> None:
    busy = replace(B, trend=OSCILLATES, uphill=0.3, sampled=20, ratio=3.2)
    facts = replace(
        BASE, weight_decay=0.1, theory=True, outlook="…", b=busy, a=replace(A, trend=OSCILLATES)
    )
    lines = why.explain(facts)
    assert [line[:5] for line in lines] == ["…", "B osc", "A osc", "Weigh"]
