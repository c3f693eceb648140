"""Never clearing is momentum 1 that clears: the twin run lands on B's curve bit for bit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.models import begin, restless, small
from zgtui.config.settings import EVERY, Clearing, Settings
from zgtui.errors import UsageError
from zgtui.experiments import EXPERIMENTS, load

PLAIN = Settings(optimizer="SGD", momentum=0.0, weight_decay=0.0, twin=True)


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_the_twin_is_run_b_bit_for_bit_in_every_experiment(name: str) -> None:
    comparison = begin(load(name), replace(PLAIN, experiment=name))
    for step in range(1, 16):
        comparison.advance(sample=step % 4 == 0)
    drained = comparison.drain()
    assert len(drained.momentum_twin) == 15
    assert drained.momentum_twin == drained.losses["B"]
    assert drained.momentum_twin[2:] != drained.losses["A"][2:]


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine"])
def test_it_stays_the_twin_with_dropout_schedules_and_changes_of_rate(schedule: str) -> None:
    comparison = begin(small(restless), replace(PLAIN, schedule=schedule))
    for step in range(1, 41):
        if step == 13:
            comparison.set_lr("B", 0.02)
        if step == 22:
            comparison.set_lr("A", 0.01)
        comparison.advance()
    drained = comparison.drain()
    assert drained.momentum_twin == drained.losses["B"]
    assert drained.momentum_twin != drained.losses["A"]


def test_two_hundred_steps_of_the_article() -> None:
    comparison = begin(load("article"), PLAIN)
    for _ in range(200):
        comparison.advance()
    drained = comparison.drain()
    assert drained.momentum_twin == drained.losses["B"]


def test_a_run_b_that_clears_after_all_leaves_its_twin_behind() -> None:
    changed, plain = begin(load("article"), PLAIN), begin(load("article"), PLAIN)
    changed.set_clearing("B", EVERY)
    for _ in range(8):
        changed.advance()
        plain.advance()
    drained = changed.drain()
    assert drained.momentum_twin == plain.drain().losses["B"]
    assert drained.momentum_twin != drained.losses["B"]


def test_the_twin_changes_neither_run() -> None:
    losses = []
    for twin in (True, False):
        comparison = begin(small(restless), replace(PLAIN, twin=twin))
        for _ in range(12):
            comparison.advance()
        drained = comparison.drain()
        assert bool(drained.momentum_twin) is twin
        losses.append(drained.losses)
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        (replace(PLAIN, optimizer="Adam", momentum=None), "the optimizer SGD"),
        (replace(PLAIN, momentum=0.9), "no momentum of its own"),
        (replace(PLAIN, weight_decay=0.1), "no weight decay"),
        (replace(PLAIN, clip=1.0), "no clipping"),
        (PLAIN.with_run("B", clear=Clearing(2)), "a run B that never clears"),
        (PLAIN.with_run("B", accumulate=2), "no gradient accumulation in run B"),
    ],
)
def test_where_the_claim_does_not_hold_there_is_no_twin(settings: Settings, needs: str) -> None:
    with pytest.raises(UsageError, match=f"^the momentum-1 twin of run B needs {needs}$"):
        begin(small(), settings)
