"""Two runs, A and B, trained in step on the same batches."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from zgtui.errors import UsageError
from zgtui.experiments.experiment import Experiment, seed_everything
from zgtui.schedule import lr_factor
from zgtui.settings import RUNS, Clearing, RunName, Settings
from zgtui.training.batches import Batches
from zgtui.training.optimizers import make_optimizer, optimizer_class
from zgtui.training.randomness import Twins
from zgtui.training.run import train_step, train_step_in_parts

EVALUATIONS = 20
"""How often the held-out accuracy is measured over the planned length of a run."""


@dataclass
class Run:
    """One model with its optimizer, its clearing policy and its learning rate.

    ``lr`` is the rate before the schedule; ``parts`` the number of backwards a step.
    """

    model: nn.Module
    optimizer: Optimizer
    clearing: Clearing
    lr: float
    parts: int = 1

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
    """One diagnostic of one run at one step: ``grad_norm``, ``accuracy``."""

    run: RunName
    step: int
    name: str
    value: float


@dataclass(frozen=True)
class Drained:
    """What was trained since the last drain: each run's losses, oldest first, and samples."""

    losses: dict[RunName, list[float]]
    samples: list[Sample]


class Comparison:
    """Trains both runs of ``settings`` (with every default filled in) on ``settings.device``.

    Losses stay on the device until ``drain`` moves them in one transfer.

    Raises:
        UsageError: the settings do not fit one another or the experiment.
    """

    def __init__(self, experiment: Experiment, settings: Settings) -> None:
        self.step = 0
        """Optimizer steps done by each run."""
        self._settings = settings
        self._criterion = experiment.criterion
        self._accuracy = experiment.accuracy
        device = torch.device(settings.device)
        seed_everything(settings.seed)
        first = experiment.model()
        second = experiment.model() if experiment.separate_starts else copy.deepcopy(first)
        self.twins = all(
            torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True)
        )
        self.runs = {
            name: _make_run(model.to(device), settings, name)
            for name, model in zip(RUNS, (first, second), strict=True)
        }
        seed_everything(settings.seed)
        data = experiment.data()
        self.batches = Batches(data, settings.batch_size or 0, settings.seed, device)
        for run in self.runs.values():
            if run.parts > self.batches.size:
                raise UsageError(
                    f"a batch of {self.batches.size} cannot be accumulated in {run.parts} parts"
                )
        self._held_out = (
            (data.test_inputs.to(device), data.test_targets.to(device))
            if data.test_inputs is not None and data.test_targets is not None
            else None
        )
        self._every = max(1, (settings.steps or 1000) // EVALUATIONS)
        self._twins = Twins(device)
        self._pending: dict[RunName, list[Tensor]] = {name: [] for name in RUNS}
        self._samples: list[tuple[RunName, int, str, Tensor]] = []

    @property
    def has_accuracy(self) -> bool:
        """Whether the share of held-out samples that are right is measured."""
        return self._held_out is not None and self._accuracy is not None

    def advance(self, *, sample: bool = False) -> None:
        """Train both runs by one step, on the same batch; ``sample`` takes diagnostics too."""
        self.step += 1
        inputs, targets = self.batches.next()
        factor = lr_factor(self._settings.schedule, self.step, self._settings.steps or 0)
        self._twins.new_step()
        for name, run in self.runs.items():
            if self._settings.schedule != "constant":
                _set_lr(run, factor)
            with self._twins.same_draws():
                loss = self._train(run, inputs, targets)
            self._pending[name].append(loss)
            norm = run.grad_norm() if sample else None
            if norm is not None:
                self._samples.append((name, self.step, "grad_norm", norm))
        if self.step % self._every == 0:
            self._evaluate()

    def _train(self, run: Run, inputs: Tensor, targets: Tensor) -> Tensor:
        lesson = (run.model, self._criterion, run.optimizer, run.clearing, self.step)
        if run.parts == 1 and self._settings.clip is None:
            return train_step(*lesson, inputs, targets)
        clip = math.inf if self._settings.clip is None else self._settings.clip
        return train_step_in_parts(*lesson, inputs, targets, run.parts, clip)

    def _evaluate(self) -> None:
        """Measure the share of held-out samples that each run gets right."""
        if self._held_out is None or self._accuracy is None:
            return
        inputs, targets = self._held_out
        for name, run in self.runs.items():
            run.model.eval()
            with torch.no_grad():
                share = self._accuracy(run.model(inputs), targets)
            run.model.train()
            self._samples.append((name, self.step, "accuracy", share))

    def drain(self) -> Drained:
        """Fetch what was trained since the last call; one transfer from the device."""
        counts = [len(losses) for losses in self._pending.values()]
        tensors = [loss for losses in self._pending.values() for loss in losses]
        tensors += [value for _, _, _, value in self._samples]
        values: list[float] = torch.stack(tensors).double().tolist() if tensors else []
        losses: dict[RunName, list[float]] = {}
        for name, count in zip(RUNS, counts, strict=True):
            losses[name], values = values[:count], values[count:]
            self._pending[name].clear()
        samples = [
            Sample(run, step, name, value)
            for (run, step, name, _), value in zip(self._samples, values, strict=True)
        ]
        self._samples.clear()
        return Drained(losses, samples)

    def set_lr(self, name: RunName, lr: float) -> None:
        """Give run ``name`` the learning rate ``lr``, before the schedule, from its next step."""
        run = self.runs[name]
        run.lr = lr
        _set_lr(run, lr_factor(self._settings.schedule, self.step + 1, self._settings.steps or 0))

    def set_clearing(self, name: RunName, clearing: Clearing, parts: int = 1) -> None:
        """Give run ``name`` another clearing policy from its next step on.

        Raises:
            UsageError: a batch has fewer samples than ``parts``.
        """
        if parts > self.batches.size:
            raise UsageError(
                f"a batch of {self.batches.size} cannot be accumulated in {parts} parts"
            )
        self.runs[name].clearing, self.runs[name].parts = clearing, parts


def _set_lr(run: Run, factor: float) -> None:
    for group in run.optimizer.param_groups:
        group["lr"] = run.lr * factor


def _make_run(model: nn.Module, settings: Settings, name: RunName) -> Run:
    run = settings.run(name)
    assert run.lr is not None
    assert settings.optimizer is not None
    optimizer = make_optimizer(
        settings.optimizer,
        model.parameters(),
        lr=run.lr,
        momentum=settings.momentum,
        nesterov=settings.nesterov,
        weight_decay=settings.weight_decay,
    )
    return Run(model, optimizer, run.clear, run.lr, run.accumulate)


def fill_in(settings: Settings, experiment: Experiment, device: str) -> Settings:
    """``settings`` with the experiment's defaults where none were given, on ``device``.

    Another optimizer than the experiment's own begins with its own momentum and weight decay.

    Raises:
        UsageError: they do not fit one another.
    """

    def given(value: float | None, default: float | None) -> float | None:
        return default if value is None else value

    optimizer = optimizer_class(settings.optimizer or experiment.optimizer).__name__
    own = optimizer == experiment.optimizer
    filled = replace(
        settings,
        device=device,
        steps=experiment.steps if settings.steps is None else settings.steps,
        speed=given(settings.speed, experiment.speed),
        optimizer=optimizer,
        momentum=given(settings.momentum, experiment.momentum if own else None),
        weight_decay=given(settings.weight_decay, experiment.weight_decay if own else None),
        batch_size=(experiment.batch_size or 0)
        if settings.batch_size is None
        else settings.batch_size,
    )
    if filled.schedule != "constant" and not filled.steps:
        raise UsageError(f"the schedule {filled.schedule!r} needs a number of steps to plan for")
    for name in RUNS:
        if filled.run(name).lr is None:
            filled = filled.with_run(name, lr=experiment.lr)
    return filled
