"""Both runs trained together: bit for bit what comes out of training them one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from tests.support.models import Spare, begin, linear, restless, small
from tests.support.training import minibatches
from tests.training.ways import (
    OPTIMIZERS,
    OneByOne,
    experiment_with_its_data,
    lives,
    same,
    user_loss,
    with_a_frozen_layer,
    with_a_hook_on_a_gradient,
    with_a_hook_on_the_module,
)
from zgtui.config.settings import EVERY, Settings
from zgtui.experiments import EXPERIMENTS
from zgtui.experiments.experiment import Experiment
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in

pytestmark = pytest.mark.usefixtures("unwatched")


def one(kind: type[Comparison], experiment: Experiment, settings: Settings) -> Comparison:
    return kind(experiment, fill_in(settings, experiment, "cpu"))


def check(experiment: Experiment, settings: Settings, *, together: bool) -> None:
    """Both ways come out the same, and the one that is faster was taken or not."""
    joint = one(Comparison, experiment, settings)
    assert same(lives(joint), lives(one(OneByOne, experiment, settings)))
    assert (joint.steps_together > 0) == together


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_is_trained_together_and_comes_out_the_same(name: str) -> None:
    if EXPERIMENTS[name].needs is not None:
        pytest.importorskip("sklearn")
    settings = Settings(experiment=name, diagnostics="off", steps=100)
    check(experiment_with_its_data(name), settings, together=True)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_comes_out_the_same(optimizer: str) -> None:
    experiment = experiment_with_its_data("moons")
    if optimizer == "Muon":  # takes nothing but matrices
        experiment = dataclasses.replace(experiment, model=lambda: nn.Linear(2, 2, bias=False))
    check(experiment, Settings(optimizer=optimizer, diagnostics="off"), together=True)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(momentum=0.9),
        Settings(momentum=0.9, nesterov=True, weight_decay=0.01),
        Settings(weight_decay=0.01),
        Settings(schedule="cosine", steps=10),
        Settings(twin=True),
        Settings(diagnostics="on"),
        Settings(a=dataclasses.replace(Settings().a, lr=0.3)),
        Settings(batch_size=7),
    ],
    ids=str,
)
def test_every_setting_of_sgd_comes_out_the_same(settings: Settings) -> None:
    experiment = experiment_with_its_data("regression")
    check(experiment, settings, together=True)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_parameters_without_a_gradient_are_left_alone(optimizer: str) -> None:
    experiment = small(with_a_frozen_layer, optimizer=optimizer)
    check(experiment, Settings(diagnostics="off"), together=True)


def with_another_forward() -> nn.Module:
    model = nn.Linear(3, 2)
    model.__dict__["forward"] = lambda inputs: inputs @ model.weight.T
    return model


@pytest.mark.parametrize(
    ("experiment", "settings"),
    [
        (minibatches(), Settings()),
        (small(restless), Settings()),
        (small(Spare), Settings()),
        (small(with_a_hook_on_the_module), Settings()),
        (small(with_a_hook_on_a_gradient), Settings()),
        (small(with_another_forward), Settings()),
        (dataclasses.replace(small(linear), criterion=user_loss), Settings()),
        (small(linear), Settings(clip=0.5)),
    ],
    ids=[
        "a model of another's class",
        "a model that draws",
        "a model with branches of its own",
        "a hook on the module",
        "a hook on a gradient",
        "a forward of its own",
        "a loss of another's",
        "clipping",
    ],
)
def test_what_is_not_known_to_be_the_same_is_trained_step_by_step(
    experiment: Experiment, settings: Settings
) -> None:
    check(experiment, dataclasses.replace(settings, diagnostics="off"), together=False)


def test_runs_that_share_weights_are_trained_step_by_step() -> None:
    shared = nn.Linear(3, 2)
    experiment = dataclasses.replace(small(lambda: shared), separate_starts=True)
    comparison = begin(experiment, Settings(diagnostics="off"))
    comparison.advance_to(4)
    assert comparison.steps_together == 0


@pytest.mark.parametrize(
    "register", [register_optimizer_step_pre_hook, register_optimizer_step_post_hook]
)
def test_hooks_of_all_optimizers_are_called_at_every_step(
    register: Callable[[Callable[..., None]], Any],
) -> None:
    called: list[object] = []
    handle = register(lambda one, *_: called.append(one))
    try:
        begin(small(linear), Settings(diagnostics="off")).advance_to(4)
    finally:
        handle.remove()
    assert len(called) == 8


def test_an_optimizer_whose_step_was_replaced_is_called() -> None:
    called: list[object] = []
    step = torch.optim.SGD.step

    def replaced(self: torch.optim.SGD) -> None:
        called.append(self)
        step(self)

    with pytest.MonkeyPatch.context() as patch:
        begin(small(linear))  # the first optimizer wraps the step of its class
        patch.setattr(torch.optim.SGD, "step", replaced)
        begin(small(linear), Settings(diagnostics="off")).advance_to(4)
    assert len(called) == 8


def test_accumulation_in_one_run_is_trained_step_by_step_until_it_ends() -> None:
    comparison = begin(small(linear), Settings(diagnostics="off"))
    comparison.advance_to(5)
    assert comparison.steps_together == 4, "the first shows whether the model draws"
    comparison.set_clearing("A", EVERY, 2)
    comparison.advance_to(8)
    assert comparison.steps_together == 4
    comparison.set_clearing("A", EVERY)
    comparison.advance_to(10)
    assert comparison.steps_together == 6


def test_it_ends_at_its_step_or_after_the_one_at_which_it_is_told_to() -> None:
    comparison = begin(small(linear), Settings(diagnostics="off"))
    comparison.advance_to(7)
    assert comparison.step == 7
    comparison.advance_to(100, lambda: comparison.step < 12)
    assert comparison.step == 12
    comparison.advance_to(100, lambda: False)
    assert comparison.step == 13
    assert [len(losses) for losses in comparison.drain().losses.values()] == [13, 13]
