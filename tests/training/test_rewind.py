"""Stepping back: everything as it was, bit for bit, in bounded memory."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.models import begin, everything, identical, linear, restless, small
from zgtui.config.settings import EVERY, NEVER, RUNS, Settings
from zgtui.errors import UsageError
from zgtui.experiments.experiment import Experiment
from zgtui.runlog.events import Sampled, Started, SteppedBack
from zgtui.runlog.log import LogWriter, branch, losses_path, read_events, read_losses
from zgtui.training.comparison import Comparison
from zgtui.training.rewind import MAX_STATES, SHARE, Rewind

KINDS: dict[str, tuple[Experiment, Settings]] = {
    "SGD": (small(linear, batch_size=None), Settings()),
    "momentum": (small(linear), Settings(momentum=0.9, nesterov=True)),
    "Adam": (small(restless, optimizer="Adam", lr=0.01), Settings()),
    "RMSprop": (small(restless, optimizer="RMSprop", lr=0.01), Settings()),
    "BatchNorm, dropout, minibatches": (small(restless), Settings()),
    "clip, cosine, micro-batches": (
        small(restless),
        Settings(clip=0.5, schedule="cosine").with_run("B", accumulate=2),
    ),
    "momentum twin": (small(restless), Settings(twin=True)),
}


def go(comparison: Comparison, rewind: Rewind, steps: int, every: int = 1) -> None:
    for _ in range(steps):
        comparison.advance(sample=comparison.step % 3 == 0)
        if comparison.step % every == 0:
            rewind.keep()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("every", [1, 5])
def test_going_back_restores_all_bit_for_bit_and_the_same_follows(kind: str, every: int) -> None:
    comparison = begin(*KINDS[kind])
    rewind = Rewind(comparison)
    states = [everything(comparison)]
    for _ in range(20):
        go(comparison, rewind, 1, every)
        states.append(everything(comparison))
    losses = comparison.drain()
    for target in (17, 9, 3, 0):
        rewind.back_to(target)
        assert comparison.step == target
        assert identical(everything(comparison), states[target]), target
    go(comparison, rewind, 20, every)
    again = comparison.drain()
    assert again.losses == losses.losses
    assert again.momentum_twin == losses.momentum_twin
    assert identical(everything(comparison), states[20])


def test_gradients_that_were_none_are_none_again() -> None:
    comparison = begin(small(linear))
    rewind = Rewind(comparison)
    go(comparison, rewind, 2)
    rewind.back_to(0)
    gradients = [p.grad for run in comparison.runs.values() for p in run.model.parameters()]
    assert gradients == [None] * 4


def test_a_kept_state_is_not_touched_by_what_is_trained_from_it() -> None:
    comparison = begin(small(restless, optimizer="Adam"))
    rewind = Rewind(comparison)
    go(comparison, rewind, 6)
    rewind.back_to(3)
    there = everything(comparison)
    for _ in range(3):
        go(comparison, rewind, 2)
        rewind.back_to(3)
        assert identical(everything(comparison), there)


@pytest.mark.parametrize("every", [1, 4, 50])
def test_changes_made_on_the_way_are_made_again_and_later_ones_undone(every: int) -> None:
    comparison = begin(small(restless))
    rewind = Rewind(comparison)
    states = [everything(comparison)]
    for _ in range(12):
        if comparison.step == 4:
            rewind.set_lr("A", 0.01)
        if comparison.step == 6:
            rewind.set_clearing("B", EVERY, 2)
        if comparison.step == 9:
            rewind.set_clearing("B", NEVER)
            rewind.set_lr("B", 0.2)
        go(comparison, rewind, 1, every)
        states.append(everything(comparison))
    for target in (11, 9, 8, 6, 5, 4, 2):
        rewind.back_to(target)
        assert identical(everything(comparison), states[target]), target
    assert comparison.runs["A"].lr == 0.05
    rewind.set_lr("A", 0.3)
    go(comparison, rewind, 3, every)
    rewind.back_to(4)
    assert comparison.runs["A"].lr == 0.3, "a change made on the new way"


def test_what_was_not_drained_is_dropped() -> None:
    comparison = begin(small(linear))
    rewind = Rewind(comparison)
    go(comparison, rewind, 5)
    rewind.back_to(2)
    drained = comparison.drain()
    assert drained.losses == {"A": [], "B": []}
    assert not drained.samples


@pytest.mark.parametrize("step", [-1, 6])
def test_there_is_no_way_to_a_step_that_was_not_done(step: int) -> None:
    comparison = begin(small(linear))
    rewind = Rewind(comparison)
    go(comparison, rewind, 5)
    before = everything(comparison)
    with pytest.raises(UsageError, match=f"go back to steps 0 to 5, not to {step}"):
        rewind.back_to(step)
    assert identical(everything(comparison), before)


def test_memory_stays_within_its_budget_and_the_past_grows_sparse() -> None:
    comparison = begin(small(linear))
    one = comparison.state().size
    rewind = Rewind(comparison, budget=24 * one)
    kept_at = {}
    for _ in range(300):
        go(comparison, rewind, 1)
        assert rewind.size <= 24 * one
        kept_at[comparison.step] = rewind.kept
    kept = rewind.kept
    assert kept[0] == 0
    assert kept[-3:] == [298, 299, 300], "near the end every step is there"
    gaps = [after - before for before, after in pairwise(kept)]
    assert sum(gaps[: len(gaps) // 2]) > 4 * sum(gaps[len(gaps) // 2 :])
    assert len(kept) > 10
    losses = comparison.drain().losses["B"]
    rewind.back_to(123)
    go(comparison, rewind, 5)
    assert comparison.drain().losses["B"] == losses[123:128]


def test_there_are_never_more_states_than_can_be_looked_through_quickly() -> None:
    comparison = begin(small(linear, batch_size=None))
    rewind = Rewind(comparison)
    go(comparison, rewind, MAX_STATES + 40)
    assert len(rewind.kept) == MAX_STATES


def test_a_model_too_large_for_the_budget_has_no_way_back_and_says_so() -> None:
    comparison = begin(small(linear))
    rewind = Rewind(comparison, budget=100)
    go(comparison, rewind, 3)
    assert rewind.size == 0
    with pytest.raises(UsageError, match="too large to keep earlier states"):
        rewind.back_to(1)


def test_a_small_budget_forgets_the_beginning_first() -> None:
    comparison = begin(small(linear))
    go(comparison, Rewind(comparison), 1)
    rewind = Rewind(comparison, budget=int(1.5 * comparison.state().size))
    go(comparison, rewind, 3)
    assert rewind.kept == [4]
    with pytest.raises(UsageError, match="go back to steps 4 to 4, not to 2"):
        rewind.back_to(2)


def test_keeping_states_takes_its_share_of_the_time() -> None:
    comparison = begin(small(linear))
    rewind = Rewind(comparison)
    assert rewind.affordable()
    rewind.spend(0.001)
    waited = 0
    while not rewind.affordable():
        rewind.earn(0.01)
        waited += 1
    assert 0.001 / (0.01 * waited) == pytest.approx(SHARE / 2, rel=0.1), "and the debt before it"


def test_a_log_goes_on_from_an_earlier_step(tmp_path: Path) -> None:
    old = LogWriter(tmp_path / "1", RUNS)
    old.event("start", settings={"seed": 1})
    old.losses("A", [5.0, 4.0, 3.0, 2.0])
    old.losses("B", [5.0, 6.0, 7.0, 8.0])
    old.event("sample", run="A", step=2, grad_norm=1.0)
    old.event("set_lr", run="A", lr=0.2, step=3)
    old.event("sample", run="A", step=3, grad_norm=2.0)
    old.event("end", step=4, reason="stepped back")
    new = branch(tmp_path / "1", tmp_path / "2", RUNS, 2)
    new.losses("A", [30.0])
    new.close()
    old.close()
    assert read_losses(losses_path(tmp_path / "2", "A"), 0, 99).tolist() == [5.0, 4.0, 30.0]
    assert read_losses(losses_path(tmp_path / "2", "B"), 0, 99).tolist() == [5.0, 6.0]
    assert read_losses(losses_path(tmp_path / "1", "A"), 0, 99).tolist() == [5.0, 4.0, 3.0, 2.0]
    assert list(read_events(tmp_path / "2")) == [
        Started({"settings": {"seed": 1}}),
        Sampled("A", 2, {"grad_norm": 1.0}),
        SteppedBack(3, str(tmp_path / "1")),
    ]
