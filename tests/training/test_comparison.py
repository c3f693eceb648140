"""The engine: what clearing gradients, or not, does to two runs trained side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import chain

import pytest
import torch
from torch import Tensor, nn

from tests.support.training import compare, minibatches, same, seen, train
from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing, RunName, Settings
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in


def gradients(model: nn.Module) -> list[Tensor]:
    return [p.grad.clone() for p in model.parameters() if p.grad is not None]


def watch_fresh_gradients(model: nn.Module) -> dict[int, list[Tensor]]:
    """Each parameter's gradient of every backward, before it is added to ``.grad``."""
    fresh: dict[int, list[Tensor]] = {}

    def keep(index: int) -> Callable[[Tensor], None]:
        return lambda gradient: fresh.setdefault(index, []).append(gradient.clone())

    for index, parameter in enumerate(model.parameters()):
        parameter.register_hook(keep(index))
    return fresh


def summed(fresh: dict[int, list[Tensor]], last: int) -> list[Tensor]:
    """The sum of the ``last`` newest gradients of each parameter, added oldest first."""
    sums = []
    for index in sorted(fresh):
        newest = fresh[index][-last:]
        total = newest[0].clone()
        for gradient in newest[1:]:
            total += gradient
        sums.append(total)
    return sums


def test_without_clearing_grad_is_the_running_sum_of_all_gradients_so_far() -> None:
    comparison = compare(minibatches())
    never = comparison.runs["B"].model
    fresh = watch_fresh_gradients(never)
    for step in range(1, 9):
        comparison.advance()
        assert same(gradients(never), summed(fresh, step))


def test_with_clearing_grad_is_the_gradient_of_the_last_step_alone() -> None:
    comparison = compare(minibatches())
    cleared = comparison.runs["A"].model
    fresh = watch_fresh_gradients(cleared)
    for _ in range(5):
        comparison.advance()
        assert same(gradients(cleared), summed(fresh, 1))


def test_clearing_every_three_steps_adds_up_three_gradients_at_most() -> None:
    comparison = compare(minibatches())
    comparison.set_clearing("B", Clearing(3))
    model = comparison.runs["B"].model
    fresh = watch_fresh_gradients(model)
    for held in (1, 2, 3, 1, 2, 3, 1):
        comparison.advance()
        assert same(gradients(model), summed(fresh, held))


def test_toggling_zero_grad_takes_effect_on_the_next_step() -> None:
    comparison = compare(minibatches())
    model = comparison.runs["B"].model
    fresh = watch_fresh_gradients(model)
    train(comparison, 4)
    comparison.set_clearing("B", EVERY)
    assert same(gradients(model), summed(fresh, 4)), "a toggle alone clears nothing"
    train(comparison, 1)
    assert same(gradients(model), summed(fresh, 1))
    comparison.set_clearing("B", NEVER)
    train(comparison, 1)
    assert same(gradients(model), summed(fresh, 2))


def test_a_new_learning_rate_holds_from_the_next_step_and_for_its_run_alone() -> None:
    changed, plain = compare(), compare()
    assert train(changed, 3) == train(plain, 3)
    changed.set_lr("A", 0.01)
    after, reference = train(changed, 2), train(plain, 2)
    assert after["B"] == reference["B"]
    assert after["A"][0] == reference["A"][0], "this step's loss is of the weights before it"
    assert after["A"][1] != reference["A"][1]


def test_drain_hands_over_every_loss_once_and_in_order() -> None:
    at_once, one_by_one = compare(minibatches()), compare(minibatches())
    collected: dict[RunName, list[float]] = {run: [] for run in RUNS}
    for _ in range(10):
        for run, losses in train(one_by_one, 1).items():
            collected[run] += losses
    assert train(at_once, 10) == collected
    assert at_once.step == 10
    empty = at_once.drain()
    assert empty.losses == {"A": [], "B": []}
    assert not empty.samples


def test_samples_carry_the_norm_of_what_the_step_applied() -> None:
    experiment = minibatches()
    comparison = Comparison(experiment, fill_in(Settings(), experiment, "cpu"))
    norms: list[tuple[RunName, int, float]] = []
    for step in range(1, 7):
        sampled = step % 3 == 0
        comparison.advance(sample=sampled)
        for run in RUNS if sampled else ():
            flat = torch.cat([g.flatten() for g in gradients(comparison.runs[run].model)])
            norms.append((run, step, flat.norm().item()))
    samples = [s for s in comparison.drain().samples if s.name == "grad_norm"]
    assert [(s.run, s.step) for s in samples] == [(run, step) for run, step, _ in norms]
    assert [s.value for s in samples] == pytest.approx([n for *_, n in norms], rel=1e-6)


def test_both_runs_see_the_same_batches_and_every_sample_once_an_epoch() -> None:
    comparison = compare(minibatches(samples=12, batch_size=4))
    assert comparison.batches.per_epoch == 3
    train(comparison, 9)
    batches = seen(comparison, "A")
    assert batches == seen(comparison, "B")
    epochs = [[*chain(*batches[start : start + 3])] for start in (0, 3, 6)]
    assert all(sorted(epoch) == [float(sample) for sample in range(12)] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3, "each epoch has an order of its own"


def test_an_incomplete_last_batch_is_left_out() -> None:
    comparison = compare(minibatches(samples=11, batch_size=4))
    assert comparison.batches.per_epoch == 2
    train(comparison, 4)
    batches = seen(comparison, "A")
    assert [len(batch) for batch in batches] == [4, 4, 4, 4]
    assert len(set(batches[0] + batches[1])) == 8


def test_the_seed_decides_weights_and_batches() -> None:
    def trained(seed: int) -> tuple[list[list[float]], dict[RunName, list[float]]]:
        experiment = minibatches()
        comparison = Comparison(experiment, fill_in(Settings(seed=seed), experiment, "cpu"))
        return seen(comparison, "A"), train(comparison, 6)

    assert trained(1) == trained(1)
    assert trained(1)[0] != trained(2)[0]
    assert trained(1)[1] != trained(2)[1]


def test_a_run_that_diverges_is_a_result_and_the_other_goes_on() -> None:
    comparison = compare()
    comparison.set_lr("A", 1e10)
    losses = train(comparison, 20)
    assert not math.isfinite(losses["A"][-1])
    assert losses["B"] == train(compare(), 20)["B"]
    comparison.set_lr("A", 0.1)
    comparison.set_clearing("A", NEVER)
    assert not math.isfinite(train(comparison, 1)["A"][0])
