"""Trains the same by a plain loop of its own, and computes in float64 what sentences may be about.

Nothing here calls what makes the sentences, or what trains them, except the experiments.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from tests.sentences.driver import Case, changes_at
from zgtui.config.settings import RUNS, RunName, Settings
from zgtui.experiments import load

EVALUATIONS = 20


@dataclass
class Steps:
    """One run, step by step from index 0 = step 1; all in float64.

    ``held`` is the length of ``.grad`` before it is clipped, ``fresh`` that of this step's
    gradient alone, ``carried`` that of their difference, ``between`` the inner product of the
    first two, ``carried_between`` of ``.grad`` and what it held before. ``applied`` is how long
    the update is, divided by the learning rate, ``sum_error`` how far it is from the sum of all
    gradients so far, as a share of that.
    """

    losses: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    carried: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    carried_between: list[float] = field(default_factory=list)
    applied: list[float] = field(default_factory=list)
    sum_error: list[float] = field(default_factory=list)
    lrs: list[float] = field(default_factory=list)
    cleared: list[bool] = field(default_factory=list)
    accuracy: dict[int, float] = field(default_factory=dict)
    chance: float | None = None


def train(case: Case, filled: Settings) -> dict[RunName, Steps]:
    """Both runs of ``case``; ``filled`` are its settings with every default filled in."""
    experiment = load(case.settings.experiment)
    torch.manual_seed(filled.seed)
    first = experiment.model()
    second = experiment.model() if experiment.separate_starts else copy.deepcopy(first)
    torch.manual_seed(filled.seed)
    data = experiment.data()
    found: dict[RunName, Steps] = {}
    for name, model in zip(RUNS, (first, second), strict=True):
        found[name] = _train(name, model, experiment, data, case, filled)
    return found


def _batches(data: Any, size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    count = len(data.inputs)
    size = min(size or count, count)
    while True:
        if size == count:
            yield data.inputs, data.targets
            continue
        order = torch.randperm(count, generator=generator)[: count // size * size]
        for batch in order.split(size):
            yield data.inputs[batch], data.targets[batch]


def factor(schedule: str, step: int, steps: int) -> float:
    if schedule == "step":
        return 0.1 ** ((step - 1) * 3 // steps)
    return (1 + math.cos(math.pi * (step - 1) / steps)) / 2 if schedule == "cosine" else 1.0


def _train(  # noqa: PLR0917 - what a training loop is made of
    name: RunName, model: nn.Module, experiment: Any, data: Any, case: Case, filled: Settings
) -> Steps:
    run = filled.run(name)
    assert run.lr is not None
    lr, period, count = run.lr, run.clear.period, run.accumulate
    optimizer = _optimizer(filled, model, lr)
    found = Steps()
    parameters = list(model.parameters())
    fresh: dict[int, Tensor] = {}
    for at, parameter in enumerate(parameters):
        parameter.register_hook(_adding(fresh, at))
    total = torch.zeros(sum(p.numel() for p in parameters), dtype=torch.float64)
    batches = _batches(data, filled.batch_size or 0, filled.seed)
    for step in range(1, case.steps + 1):
        for change in changes_at(case.changes, name, step):
            lr = change.lr or lr
            if change.clear is not None:
                period, count = change.clear.period, 1
        scaled = lr * factor(filled.schedule, step, filled.steps or 1)
        for group in optimizer.param_groups:
            group["lr"] = scaled
        cleared = bool(period) and (step - 1) % period == 0
        if cleared:
            optimizer.zero_grad()
        before = _flat([p.grad for p in parameters], parameters)
        weights = _flat(parameters, parameters)
        fresh.clear()
        inputs, targets = next(batches)
        losses = []
        for one in zip(inputs.tensor_split(count), targets.tensor_split(count), strict=True):
            loss = experiment.criterion(model(one[0]), one[1]) / count
            loss.backward()
            losses.append(loss.detach())
        held = _flat([p.grad for p in parameters], parameters)
        new = _flat([fresh.get(at) for at in range(len(parameters))], parameters)
        if count > 1 or filled.clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters, filled.clip or math.inf)
        optimizer.step()
        total += new
        moved = (weights - _flat(parameters, parameters)) / scaled
        found.losses.append(float(torch.stack(losses).sum()))
        found.held.append(float(held.norm()))
        found.fresh.append(float(new.norm()))
        found.carried.append(float(before.norm()))
        found.between.append(float(held @ new))
        found.carried_between.append(float(before @ held))
        found.applied.append(float(moved.norm()))
        found.sum_error.append(float((moved - total).norm() / total.norm().clamp(min=1e-30)))
        found.lrs.append(scaled)
        found.cleared.append(cleared)
        _measure(found, step, model, experiment, data, filled.steps or 1000)
    return found


def _measure(  # noqa: PLR0917 - likewise
    found: Steps, step: int, model: nn.Module, experiment: Any, data: Any, planned: int
) -> None:
    if experiment.accuracy is None or data.test_inputs is None:
        return
    if found.chance is None:
        found.chance = float(
            torch.bincount(data.test_targets.flatten()).max() / data.test_targets.numel()
        )
    if step % max(1, planned // EVALUATIONS) == 0:
        training = model.training
        model.eval()
        with torch.no_grad():
            outputs = model(data.test_inputs)
        model.train(training)
        right = (outputs.argmax(dim=-1) == data.test_targets).double().mean()
        found.accuracy[step] = float(right)


def _adding(fresh: dict[int, Tensor], at: int) -> Callable[[Tensor], None]:
    def add(gradient: Tensor) -> None:
        one = gradient.detach().double()
        fresh[at] = fresh[at] + one if at in fresh else one.clone()

    return add


def _flat(parts: list[Any], parameters: list[nn.Parameter]) -> Tensor:
    return torch.cat(
        [
            torch.zeros(p.numel(), dtype=torch.float64) if part is None
            else part.detach().double().flatten()
            for part, p in zip(parts, parameters, strict=True)
        ]
    )  # fmt: skip


def _optimizer(filled: Settings, model: nn.Module, lr: float) -> torch.optim.Optimizer:
    options: dict[str, Any] = {"lr": lr}
    if filled.momentum is not None:
        options["momentum"] = filled.momentum
    if filled.weight_decay is not None:
        options["weight_decay"] = filled.weight_decay
    if filled.nesterov:
        options |= {"nesterov": True, "foreach": False}
    assert filled.optimizer is not None
    maker: Any = getattr(torch.optim, filled.optimizer)
    made: torch.optim.Optimizer = maker(model.parameters(), **options)
    return made
