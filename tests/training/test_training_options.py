"""Optimizers, schedules, clipping, accumulation, batch sizes and accuracy in the engine."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler, StepLR

from tests.support.training import minibatches, same, seen, train
from zgtui.config.settings import (
    EVERY,
    NEVER,
    RUNS,
    SCHEDULES,
    Clearing,
    RunName,
    RunSettings,
    Settings,
    lr_factor,
)
from zgtui.errors import UsageError
from zgtui.experiments.experiment import Data, Experiment, accuracy
from zgtui.training.comparison import Comparison
from zgtui.training.diagnostics.sampling import EVALUATIONS
from zgtui.training.optimizers import UNFIT, make_optimizer, optimizer_class
from zgtui.training.run import fill_in

OPTIMIZERS = sorted(
    name
    for name, entry in vars(torch.optim).items()
    if isinstance(entry, type) and issubclass(entry, Optimizer) and entry is not Optimizer
)
MATRICES_ALONE = {"Muon"}
"""Optimizers that take no vectors, and so no biases."""
ACCUMULATED = 1e-14
"""Relative, in float64: what sums in another order may differ by after some steps."""


def begin(experiment: Experiment, **changes: Any) -> Comparison:
    """A comparison at step 0 in which nothing but the two runs looks at the models."""
    settings = replace(Settings(diagnostics="off"), **changes)
    return Comparison(experiment, fill_in(settings, experiment, "cpu"))


def weights(comparison: Comparison, run: RunName) -> list[Tensor]:
    return [p.detach().clone() for p in comparison.runs[run].model.parameters()]


def matrices() -> Experiment:
    def model() -> nn.Module:
        return nn.Sequential(nn.Linear(1, 8, bias=False), nn.Tanh(), nn.Linear(8, 1, bias=False))

    return replace(minibatches(), model=model)


def gradients(comparison: Comparison, run: RunName) -> list[Tensor]:
    parameters = comparison.runs[run].model.parameters()
    return [p.grad.clone() for p in parameters if p.grad is not None]


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in UNFIT])
def test_every_optimizer_of_torch_shows_the_fault_from_the_third_loss_on(name: str) -> None:
    experiment = matrices() if name in MATRICES_ALONE else minibatches()
    comparison = begin(experiment, optimizer=name.lower())
    assert type(comparison.runs["A"].optimizer).__name__ == name
    losses = train(comparison, 8)
    assert all(math.isfinite(loss) for run in RUNS for loss in losses[run])
    assert losses["A"][:2] == losses["B"][:2], "the first update holds nothing stale"
    assert losses["A"][2:] != losses["B"][2:]
    assert len(set(losses["A"])) > 1, "it learns"


@pytest.mark.parametrize("name", UNFIT)
def test_an_optimizer_that_this_loop_cannot_drive_is_refused_with_the_reason(name: str) -> None:
    assert name in OPTIMIZERS
    with pytest.raises(UsageError) as caught:
        begin(minibatches(), optimizer=name)
    assert str(caught.value) == f"{name} cannot be used here: {UNFIT[name]}"


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name in MATRICES_ALONE])
def test_an_optimizer_that_does_not_take_the_models_parameters_says_so(name: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} does not take these settings: .*2D"):
        begin(minibatches(), optimizer=name)


def test_an_unknown_optimizer_is_refused_with_near_names_and_all_that_can_be_used() -> None:
    with pytest.raises(UsageError) as caught:
        optimizer_class("Adamm")
    assert "torch.optim has no optimizer 'Adamm'. Did you mean 'Adam' or" in str(caught.value)
    usable = [name for name in OPTIMIZERS if name not in UNFIT]
    assert str(caught.value).endswith("Available: " + ", ".join(usable))


@pytest.mark.parametrize("name", ["optimizer", "lr_scheduler", "Optimizer"])
def test_what_else_lies_in_torch_optim_is_no_optimizer(name: str) -> None:
    with pytest.raises(UsageError, match="has no optimizer"):
        optimizer_class(name)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in UNFIT])
def test_momentum_is_refused_where_there_is_none_and_taken_where_there_is(name: str) -> None:
    parameters = [nn.Parameter(torch.ones(2, 2))]
    if "momentum" in inspect.signature(optimizer_class(name)).parameters:
        optimizer = make_optimizer(name, parameters, lr=0.1, momentum=0.5)
        assert optimizer.param_groups[0]["momentum"] == 0.5
    else:
        with pytest.raises(UsageError, match=f"^{name} has no momentum$"):
            make_optimizer(name, parameters, lr=0.1, momentum=0.5)
        assert "momentum" not in make_optimizer(name, parameters, lr=0.1, momentum=0).defaults


def test_weight_decay_reaches_the_optimizer_and_none_leaves_it_its_own() -> None:
    parameters = [nn.Parameter(torch.ones(2))]
    assert make_optimizer("AdamW", parameters, lr=0.1).defaults["weight_decay"] == 0.01
    given = make_optimizer("AdamW", parameters, lr=0.1, weight_decay=0.0)
    assert given.defaults["weight_decay"] == 0
    with pytest.raises(UsageError, match=r"^Rprop has no weight decay$"):
        make_optimizer("Rprop", parameters, lr=0.1, weight_decay=0.1)


def test_nesterov_never_lets_torch_change_the_gradients_that_a_run_keeps() -> None:
    comparison = begin(minibatches(), momentum=0.5, nesterov=True)
    optimizer = comparison.runs["B"].optimizer
    assert optimizer.defaults["nesterov"]
    assert optimizer.defaults["foreach"] is False
    kept: list[list[Tensor]] = []
    optimizer.register_step_pre_hook(lambda *_: kept.append(gradients(comparison, "B")))
    for _ in range(4):
        comparison.advance()
        assert same(kept[-1], gradients(comparison, "B"))
    with pytest.raises(UsageError, match=r"^SGD does not take these settings: .*momentum"):
        begin(minibatches(), nesterov=True)
    with pytest.raises(UsageError, match=r"^Adam has no nesterov$"):
        begin(minibatches(), optimizer="Adam", nesterov=True)


def torch_rates(make: Callable[[Optimizer], LRScheduler], steps: int) -> list[float]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=0.3)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


TORCHS: dict[str, Callable[[Optimizer], LRScheduler]] = {
    "constant": lambda optimizer: ConstantLR(optimizer, factor=1),
    "cosine": lambda optimizer: CosineAnnealingLR(optimizer, T_max=60),
    "step": lambda optimizer: StepLR(optimizer, step_size=20, gamma=0.1),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_are_those_of_torch(schedule: str) -> None:
    assert schedule in TORCHS, "a new schedule says here which of torch's it is"
    ours = [0.3 * lr_factor(schedule, step, 60) for step in range(1, 61)]
    assert ours == pytest.approx(torch_rates(TORCHS[schedule], 60), rel=1e-9)
    comparison = begin(
        minibatches(), schedule=schedule, steps=60, a=RunSettings(clear=EVERY, lr=0.3)
    )
    taken = []
    comparison.runs["A"].optimizer.register_step_pre_hook(
        lambda optimizer, *_: taken.append(optimizer.param_groups[0]["lr"])
    )
    train(comparison, 60)
    assert taken == ours


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 100])
def test_schedules_begin_at_the_whole_rate_never_rise_and_hold_after_the_plan(
    schedule: str, steps: int
) -> None:
    factors = [lr_factor(schedule, step, steps) for step in range(1, 2 * steps + 1)]
    assert factors[0] == 1
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] > 0
    assert set(factors[steps:]) == {factors[steps - 1]}
    assert lr_factor(schedule, 5, 0) == 1, "without an end there is nothing to plan for"


def test_a_schedule_without_an_end_is_refused() -> None:
    with pytest.raises(UsageError, match="'cosine' needs a number of steps to plan for"):
        begin(minibatches(), schedule="cosine", steps=0)


def plain_losses(
    experiment: Experiment, clearing: Clearing, batches: list[tuple[Tensor, Tensor]], clip: float
) -> list[float]:
    torch.manual_seed(Settings().seed)
    model = experiment.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=experiment.lr)
    losses = []
    for step, (inputs, targets) in enumerate(batches, 1):
        if clearing.due(step):
            optimizer.zero_grad()
        loss = experiment.criterion(model(inputs), targets)
        loss.backward()
        clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_clipping_is_what_a_plain_loop_does_bit_for_bit_and_holds_for_what_is_left_too() -> None:
    experiment = replace(minibatches(), lr=0.1)
    comparison = begin(experiment, clip=0.05)
    losses = train(comparison, 30)
    batches = []
    for batch in seen(comparison, "A"):
        inputs = torch.tensor(batch).unsqueeze(1)
        batches.append((inputs, (inputs / 12) ** 2))
    assert losses["A"] == plain_losses(experiment, EVERY, batches, 0.05)
    assert losses["B"] == plain_losses(experiment, NEVER, batches, 0.05)
    assert losses["A"] != plain_losses(experiment, EVERY, batches, math.inf)
    for run in RUNS:
        applied = torch.cat([gradient.flatten() for gradient in gradients(comparison, run)])
        assert applied.norm() <= 0.05 * (1 + 1e-5)


def double_precision(kind: str) -> Experiment:
    """12 samples in float64, all of them a step."""

    def model() -> nn.Module:
        outputs = 1 if kind == "MSE" else 3
        return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, outputs)).double()

    def data() -> Data:
        inputs = torch.randn(12, 2, dtype=torch.float64)
        classes = torch.arange(12) % 3
        return Data(inputs, inputs.sum(1, keepdim=True) if kind == "MSE" else classes)

    criterion = nn.MSELoss() if kind == "MSE" else nn.CrossEntropyLoss()
    return Experiment(model=model, data=data, criterion=criterion, lr=0.1, steps=10)


@pytest.mark.parametrize("kind", ["MSE", "CE"])
@pytest.mark.parametrize("micro_batches", [2, 4, 12])
def test_accumulating_equal_micro_batches_is_the_whole_batch(kind: str, micro_batches: int) -> None:
    comparison = begin(
        double_precision(kind),
        a=RunSettings(clear=EVERY, accumulate=micro_batches),
        b=RunSettings(clear=EVERY),
    )
    losses = train(comparison, 10)
    assert losses["A"] == pytest.approx(losses["B"], rel=ACCUMULATED)
    for ours, whole in zip(weights(comparison, "A"), weights(comparison, "B"), strict=True):
        torch.testing.assert_close(ours, whole, rtol=ACCUMULATED, atol=ACCUMULATED)


def test_backward_passes_that_are_not_divided_are_a_learning_rate_as_many_times_higher() -> None:
    experiment = double_precision("MSE")
    torch.manual_seed(Settings().seed)
    model = experiment.model()
    undivided = copy.deepcopy(model)
    data = experiment.data()
    batches = list(zip(data.inputs.tensor_split(4), data.targets.tensor_split(4), strict=True))
    slow = torch.optim.SGD(undivided.parameters(), lr=0.01)
    fast = torch.optim.SGD(model.parameters(), lr=0.04)
    for _ in range(5):
        slow.zero_grad()
        for inputs, targets in batches:
            experiment.criterion(undivided(inputs), targets).backward()
        slow.step()
        fast.zero_grad()
        experiment.criterion(model(data.inputs), data.targets).backward()
        fast.step()
    for ours, theirs in zip(undivided.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=ACCUMULATED, atol=ACCUMULATED)


def test_more_micro_batches_than_samples_are_refused_at_the_start_and_later() -> None:
    asked = RunSettings(clear=EVERY, accumulate=5)
    sentence = "a batch of 4 samples cannot be split into 5 micro-batches"
    with pytest.raises(UsageError, match=sentence):
        begin(minibatches(batch_size=4), a=asked)
    comparison = begin(minibatches(batch_size=4))
    with pytest.raises(UsageError, match=sentence):
        comparison.set_clearing("B", EVERY, 5)
    comparison.set_clearing("B", EVERY, 4)
    train(comparison, 1)
    assert [len(inputs) for inputs in seen(comparison, "B")] == [1, 1, 1, 1]
    assert [len(inputs) for inputs in seen(comparison, "A")] == [4]


def test_a_full_batch_is_all_samples_in_their_order_each_step() -> None:
    comparison = begin(minibatches(samples=11, batch_size=4), batch_size=0)
    train(comparison, 3)
    everything = [float(sample) for sample in range(11)]
    assert seen(comparison, "A") == seen(comparison, "B") == [everything] * 3
    assert comparison.batches.full
    assert (comparison.batches.per_epoch, comparison.batches.size) == (1, 11)


def test_a_batch_size_beyond_the_data_takes_all_of_it() -> None:
    comparison = begin(minibatches(samples=11), batch_size=100)
    assert comparison.batches.full
    assert comparison.batches.size == 11


class Watched(nn.Module):
    """BatchNorm and dropout, whose modes are remembered; the second BatchNorm is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.frozen = nn.BatchNorm1d(2).eval()
        self.layers = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))
        self.modes: list[tuple[bool, bool, int]] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.modes.append((self.norm.training, self.frozen.training, len(inputs)))
        outputs: Tensor = self.layers(self.frozen(self.norm(inputs)))
        return outputs


def watched(*, held_out: bool) -> Experiment:
    def data() -> Data:
        inputs = torch.randn(60, 2)
        targets = (inputs[:, 0] > 0).long()
        if not held_out:
            return Data(inputs[:40], targets[:40])
        return Data(inputs[:40], targets[:40], inputs[40:] + 100, targets[40:])

    return Experiment(
        model=Watched,
        data=data,
        criterion=nn.CrossEntropyLoss(),
        lr=0.1,
        steps=EVALUATIONS,
        batch_size=10,
        accuracy=accuracy,
    )


def test_accuracy_is_measured_in_eval_mode_and_leaves_training_as_it_is() -> None:
    measured = begin(watched(held_out=True))
    assert measured.accuracy.on
    losses = train(measured, EVALUATIONS)
    # Begun after the other has trained: both draw from torch's one generator, seeded at the start.
    not_measured = begin(watched(held_out=False))
    assert not not_measured.accuracy.on
    assert losses == train(not_measured, EVALUATIONS)
    for run in RUNS:
        model, reference = measured.runs[run].model, not_measured.runs[run].model
        assert isinstance(model, Watched)
        assert same(list(model.buffers()), list(reference.buffers())), "BatchNorm's statistics"
        assert set(model.modes) == {(True, False, 10), (False, False, 20)}
        assert model.training
        assert not model.frozen.training


def test_accuracy_is_the_share_of_held_out_samples_classified_correctly() -> None:
    comparison = begin(watched(held_out=True))
    for _ in range(EVALUATIONS):
        comparison.advance()
    samples = [sample for sample in comparison.drain().samples if sample.name == "accuracy"]
    assert [sample.step for sample in samples if sample.run == "B"] == [*range(1, EVALUATIONS + 1)]
    for run in RUNS:
        model = comparison.runs[run].model.eval()
        torch.manual_seed(Settings().seed)
        data = watched(held_out=True).data()
        assert data.test_inputs is not None
        assert data.test_targets is not None
        right = [
            int(guess) == int(target)
            for guess, target in zip(
                model(data.test_inputs).argmax(1), data.test_targets, strict=True
            )
        ]
        last = [sample.value for sample in samples if sample.run == run][-1]
        assert last == pytest.approx(sum(right) / len(right))
