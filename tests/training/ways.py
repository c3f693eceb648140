"""Models, losses and ways to train them which come out the same, whatever trains them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from tests.support.models import everything, identical, linear
from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.experiments import load
from zgtui.experiments.experiment import Experiment
from zgtui.training.comparison import Comparison
from zgtui.training.optimizers import UNFIT
from zgtui.training.rewind import Rewind

OPTIMIZERS = [
    name
    for name, entry in vars(torch.optim).items()
    if isinstance(entry, type) and name not in {*UNFIT, "Optimizer"}
]


class OneByOne(Comparison):
    """Never trains both runs together."""

    def advance_to(self, step: float, go_on: Callable[[], bool] = lambda: True) -> None:
        while self.step < step and go_on():
            self.advance()


@cache
def experiment_with_its_data(name: str) -> Experiment:
    experiment = load(name)
    torch.manual_seed(1)
    data = experiment.data()
    return dataclasses.replace(experiment, data=lambda: data)


def lives(comparison: Comparison) -> list[Any]:
    """All that was seen on a way with every kind of change, and back."""
    rewind, seen = Rewind(comparison), []

    def look() -> None:
        drained = comparison.drain()
        samples = [(found.run, found.step, found.name, found.value) for found in drained.samples]
        seen.append(
            (drained.losses, drained.momentum_twin, samples, everything(comparison)),
        )

    comparison.advance_to(3)
    look()
    rewind.set_clearing("B", EVERY)
    rewind.set_lr("A", 0.02)
    comparison.advance_to(5)
    rewind.set_clearing("A", NEVER)
    rewind.set_clearing("B", Clearing(2))
    comparison.advance_to(7)
    look()
    comparison.advance(sample=True)  # a step that is watched, between others
    comparison.advance_to(10)
    look()
    rewind.back_to(6)
    look()
    comparison.advance_to(8)
    look()
    return seen


def same(first: list[Any], second: list[Any]) -> bool:
    return all(
        repr(one[:3]) == repr(other[:3]) and identical(one[3], other[3])
        for one, other in zip(first, second, strict=True)
    )


def with_a_frozen_layer() -> nn.Module:
    frozen = nn.Linear(3, 4).requires_grad_(requires_grad=False)
    return nn.Sequential(frozen, nn.Linear(4, 2))


def user_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    return mse_loss(outputs, targets)


def with_a_hook_on_the_module() -> nn.Module:
    model = linear()
    model.register_forward_hook(lambda *_: None)
    return model


def with_a_hook_on_a_gradient() -> nn.Module:
    model = nn.Linear(3, 2)
    model.weight.register_hook(lambda gradient: 2 * gradient)
    return model
