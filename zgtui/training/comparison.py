"""Two runs, A and B, trained in step on the same batches."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from zgtui.errors import UsageError
from zgtui.experiments.experiment import Data, Experiment, seed_everything
from zgtui.settings import RUNS, Clearing, RunName, Settings
from zgtui.training.run import train_step


@dataclass
class Run:
    """One model with its optimizer and its clearing policy."""

    model: nn.Module
    optimizer: Optimizer
    clearing: Clearing

    def grad_norm(self) -> Tensor | None:
        """Euclidean norm of everything in ``.grad`` now, on its device; None where there is none.

        After a step this is what that step applied: gradients are cleared before the next one.
        """
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        if not gradients:
            return None
        norms = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])
        return cast("Tensor", torch.linalg.vector_norm(norms))


@dataclass(frozen=True)
class Sample:
    """Diagnostics of one run at one step."""

    run: RunName
    step: int
    grad_norm: float


@dataclass(frozen=True)
class Drained:
    """What was trained since the last drain: each run's losses, oldest first, and samples."""

    losses: dict[RunName, list[float]]
    samples: list[Sample]


class Comparison:
    """Trains both runs of ``settings`` (with every default filled in) on ``settings.device``.

    Losses stay on the device until ``drain`` moves them in one transfer.
    """

    def __init__(self, experiment: Experiment, settings: Settings) -> None:
        self.step = 0
        """Optimizer steps done by each run."""
        self._criterion = experiment.criterion
        device = torch.device(settings.device)
        seed_everything(settings.seed)
        first = experiment.model()
        second = experiment.model() if experiment.separate_starts else copy.deepcopy(first)
        self.twins = all(
            torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True)
        )
        self.runs: dict[RunName, Run] = {}
        for name, model in zip(RUNS, (first, second), strict=True):
            run = settings.run(name)
            assert run.lr is not None
            moved = model.to(device)
            self.runs[name] = Run(moved, SGD(moved.parameters(), lr=run.lr), run.clear)
        seed_everything(settings.seed)
        self._batches = _Batches(experiment.data(), experiment.batch_size, settings.seed, device)
        self.steps_per_epoch = self._batches.per_epoch
        self._pending: dict[RunName, list[Tensor]] = {name: [] for name in RUNS}
        self._norms: list[tuple[RunName, int, Tensor]] = []

    def advance(self, *, sample: bool = False) -> None:
        """Train both runs by one step, on the same batch; ``sample`` takes diagnostics too."""
        self.step += 1
        inputs, targets = self._batches.next()
        for name, run in self.runs.items():
            loss = train_step(
                run.model,
                self._criterion,
                run.optimizer,
                run.clearing,
                self.step,
                inputs,
                targets,
            )
            self._pending[name].append(loss)
            norm = run.grad_norm() if sample else None
            if norm is not None:
                self._norms.append((name, self.step, norm))

    def drain(self) -> Drained:
        """Fetch what was trained since the last call; one transfer from the device."""
        counts = [len(losses) for losses in self._pending.values()]
        tensors = [loss for losses in self._pending.values() for loss in losses]
        tensors += [norm for _, _, norm in self._norms]
        values: list[float] = torch.stack(tensors).double().tolist() if tensors else []
        losses: dict[RunName, list[float]] = {}
        for name, count in zip(RUNS, counts, strict=True):
            losses[name], values = values[:count], values[count:]
            self._pending[name].clear()
        samples = [
            Sample(name, step, norm)
            for (name, step, _), norm in zip(self._norms, values, strict=True)
        ]
        self._norms.clear()
        return Drained(losses, samples)

    def set_lr(self, name: RunName, lr: float) -> None:
        """Give run ``name`` the learning rate ``lr`` from its next step on."""
        for group in self.runs[name].optimizer.param_groups:
            group["lr"] = lr

    def set_clearing(self, name: RunName, clearing: Clearing) -> None:
        """Give run ``name`` another clearing policy from its next step on."""
        self.runs[name].clearing = clearing


class _Batches:
    """The same batches for both runs: a new order each epoch, from a generator of its own."""

    def __init__(self, data: Data, batch_size: int | None, seed: int, device: torch.device) -> None:
        self._inputs = data.inputs.to(device)
        self._targets = data.targets.to(device)
        samples = len(data.inputs)
        self._size = min(batch_size or samples, samples)
        self.per_epoch = samples // self._size
        self._full = self._size == samples
        self._generator = torch.Generator().manual_seed(seed)
        self._order: list[Tensor] = []

    def next(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the next step; an incomplete last batch is left out."""
        if self._full:
            return self._inputs, self._targets
        if not self._order:
            order = torch.randperm(len(self._inputs), generator=self._generator)
            order = order[: self.per_epoch * self._size].to(self._inputs.device)
            self._order = list(order.split(self._size))[::-1]
        batch = self._order.pop()
        return self._inputs[batch], self._targets[batch]


def fill_in(settings: Settings, experiment: Experiment, device: str) -> Settings:
    """``settings`` with the experiment's defaults where none were given, on ``device``."""
    if settings.steps is not None and settings.steps < 0:
        raise UsageError(f"a number of steps is 0 (no end) or more, not {settings.steps}")
    filled = replace(
        settings,
        device=device,
        steps=experiment.steps if settings.steps is None else settings.steps,
        speed=experiment.speed if settings.speed is None else settings.speed,
    )
    for name in RUNS:
        if filled.run(name).lr is None:
            filled = filled.with_run(name, lr=experiment.lr)
    return filled
