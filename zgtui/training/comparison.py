"""Two runs, A and B, trained in step on the same batches."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import torch
from torch import Tensor

from zgtui.config.settings import RUNS, Clearing, RunName, Settings, lr_factor
from zgtui.errors import UsageError
from zgtui.experiments.experiment import Experiment, seed_everything
from zgtui.training.batches import Batches, BatchesState, Fingerprints, batches_hash, weights_hash
from zgtui.training.diagnostics.initial import NOTHING, InitialAnalysis, analyze_initial_state
from zgtui.training.diagnostics.sampling import Diagnostics, Sample
from zgtui.training.line_tracer import OnLine, each_line
from zgtui.training.optimizers import optimizer_class
from zgtui.training.rng import Twins, random_states, restore_random_states
from zgtui.training.run import Run, RunState, make_run, make_twin
from zgtui.training.step import train_step, train_step_accumulated

EVALUATIONS = 20
"""How often the held-out accuracy is measured over the planned length of a run."""


@dataclass(frozen=True)
class Drained:
    """What was trained since the last drain: each run's losses, oldest first, and samples.

    ``twin`` are the losses of the momentum-1 twin, where there is one.
    """

    losses: dict[RunName, list[float]]
    samples: list[Sample]
    twin: list[float]


@dataclass(frozen=True)
class State:
    """A copy of everything that the next steps of a comparison depend on."""

    step: int
    runs: list[RunState]
    batches: BatchesState
    random: list[Tensor]
    draws: bool | None

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return (
            sum(run.size for run in self.runs)
            + self.batches.size
            + sum(state.nbytes for state in self.random)
        )


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
        self._device = device = torch.device(settings.device)
        seed_everything(settings.seed)
        first = experiment.model()
        second = experiment.model() if experiment.separate_starts else copy.deepcopy(first)
        self.twins = all(
            torch.equal(p, q) for p, q in zip(first.parameters(), second.parameters(), strict=True)
        )
        start = weights_hash(first)
        weights: dict[RunName, str] = {
            "A": start,
            "B": start if self.twins else weights_hash(second),
        }
        self.runs = {
            name: make_run(model.to(device), settings, name)
            for name, model in zip(RUNS, (first, second), strict=True)
        }
        seed_everything(settings.seed)
        data = experiment.data()
        self.batches = Batches(data, settings.batch_size or 0, settings.seed, device)
        self.fingerprints = Fingerprints(weights, batches_hash(self.batches))
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
        self._random = Twins(device)
        self.twin = make_twin(second, settings) if settings.twin else None
        """The momentum-1 twin of run B: another optimizer, and the same curve."""
        on = settings.diagnostics == "on"
        self.outlook = self._look_ahead() if on else NOTHING
        self.diagnostics = Diagnostics(
            settings,
            self._criterion,
            full_batch=self.batches.full,
            quadratic=bool(self.outlook.quadratics),
        )
        self._pending: dict[RunName, list[Tensor]] = {name: [] for name in RUNS}
        self._pending_twin: list[Tensor] = []
        self._evaluations: list[tuple[RunName, int, Tensor]] = []

    def _look_ahead(self) -> InitialAnalysis:
        inputs, targets = self.batches.some()
        return analyze_initial_state(
            self.runs,
            self._criterion,
            inputs,
            targets,
            full_batch=self.batches.full,
            twins=self.twins,
        )

    @property
    def has_accuracy(self) -> bool:
        """Whether the share of held-out samples that are right is measured."""
        return self._held_out is not None and self._accuracy is not None

    @property
    def columns(self) -> list[str]:
        """The names of what is sampled."""
        return [*self.diagnostics.columns, *(["accuracy"] if self.has_accuracy else [])]

    @property
    def lines(self) -> int:
        """How many lines of the training step the next step of both runs executes, at most."""
        return sum(6 if self._in_one(run) else 7 + 4 * run.parts for run in self.runs.values())

    def advance(
        self,
        *,
        sample: bool = False,
        resting: bool = False,
        follow: Callable[[RunName, int], None] | None = None,
    ) -> None:
        """Train both runs by one step, on the same batch; ``sample`` takes diagnostics too.

        ``resting``: training rests afterwards, so that they may take longer.
        ``follow`` is told each line of the training step, counted from 0, before a run does it.
        """
        self.step += 1
        inputs, targets = self.batches.next()
        factor = lr_factor(self._settings.schedule, self.step, self._settings.steps or 0)
        watched = sample and self.diagnostics.on
        self.diagnostics.rest_after(resting=resting)
        self._random.new_step()
        for name, run in self.runs.items():
            if self._settings.schedule != "constant":
                run.scale_lr(factor)
            probe = self.diagnostics.watch(run) if watched else None
            with self._random.same_draws():
                told = None if follow is None else partial(follow, name)
                loss = self._train(run, inputs, targets, told)
            self._pending[name].append(loss)
            if probe is not None:
                self.diagnostics.take(name, self.step, run, probe, loss, inputs, targets)
        if self.twin is not None:
            if self._settings.schedule != "constant":
                self.twin.scale_lr(factor)
            with self._random.same_draws():
                self._pending_twin.append(self._train(self.twin, inputs, targets))
        if watched:
            self.diagnostics.end_step(self.step)
        if self.step % self._every == 0:
            self._evaluate()

    def _in_one(self, run: Run) -> bool:
        return run.parts == 1 and self._settings.clip is None

    def _train(
        self, run: Run, inputs: Tensor, targets: Tensor, told: OnLine | None = None
    ) -> Tensor:
        if told is not None:
            with each_line(told, train_step, train_step_accumulated):
                return self._train(run, inputs, targets)
        lesson = (run.model, self._criterion, run.optimizer, run.clearing, self.step)
        if self._in_one(run):
            return train_step(*lesson, inputs, targets)
        clip = math.inf if self._settings.clip is None else self._settings.clip
        return train_step_accumulated(*lesson, inputs, targets, run.parts, clip)

    def _evaluate(self) -> None:
        """Measure the share of held-out samples that each run gets right."""
        if self._held_out is None or self._accuracy is None:
            return
        inputs, targets = self._held_out
        for name, run in self.runs.items():
            # Not model.train() afterwards: what its author froze with eval() stays frozen.
            training = [module for module in run.model.modules() if module.training]
            run.model.eval()
            with torch.no_grad():
                share = self._accuracy(run.model(inputs), targets)
            for module in training:
                module.training = True
            self._evaluations.append((name, self.step, share))

    def drain(self) -> Drained:
        """Fetch what was trained since the last call; one transfer from the device."""
        waiting = [loss for losses in self._pending.values() for loss in losses]
        waiting += self._pending_twin
        waiting += [share for _, _, share in self._evaluations]
        waiting += self.diagnostics.tensors()
        values: Iterator[float] = iter(torch.stack(waiting).double().tolist() if waiting else [])
        losses = {name: list(islice(values, len(self._pending[name]))) for name in RUNS}
        twin = list(islice(values, len(self._pending_twin)))
        samples = [
            Sample(run, step, "accuracy", next(values)) for run, step, _ in self._evaluations
        ]
        samples += self.diagnostics.settle(values)
        self._forget()
        return Drained(losses, samples, twin)

    def _forget(self) -> None:
        """Nothing waits to be drained any more."""
        for pending in self._pending.values():
            pending.clear()
        self._pending_twin.clear()
        self._evaluations.clear()

    def state(self) -> State:
        """A copy of it as it is now, between two steps."""
        return State(
            step=self.step,
            runs=[run.state() for run in self._all_runs()],
            batches=self.batches.state(),
            random=random_states(self._device),
            draws=self._random.draws,
        )

    def restore(self, state: State) -> None:
        """Go back to ``state``, bit for bit; what was not drained is dropped."""
        self.step = state.step
        for run, one in zip(self._all_runs(), state.runs, strict=True):
            run.restore(one)
        self.batches.restore(state.batches)
        restore_random_states(self._device, state.random)
        self._random.draws = state.draws
        self.diagnostics.forget()
        self._forget()

    def _all_runs(self) -> list[Run]:
        return [*self.runs.values(), *([self.twin] if self.twin is not None else [])]

    def set_lr(self, name: RunName, lr: float) -> None:
        """Give run ``name`` the learning rate ``lr``, before the schedule, from its next step.

        The twin of run B follows it.
        """
        factor = lr_factor(self._settings.schedule, self.step + 1, self._settings.steps or 0)
        for run in (self.runs[name], self.twin if name == "B" else None):
            if run is not None:
                run.lr = lr
                run.scale_lr(factor)

    def set_clearing(self, name: RunName, clearing: Clearing, parts: int = 1) -> None:
        """Give run ``name`` another clearing policy from its next step on.

        The twin of run B goes on as the twin of one that never clears.

        Raises:
            UsageError: a batch has fewer samples than ``parts``.
        """
        if parts > self.batches.size:
            raise UsageError(
                f"a batch of {self.batches.size} cannot be accumulated in {parts} parts"
            )
        self.runs[name].clearing, self.runs[name].parts = clearing, parts


def fill_in(settings: Settings, experiment: Experiment, device: str) -> Settings:
    """``settings`` with the experiment's defaults where none were given, on ``device``.

    Another optimizer than the experiment's own begins with its own momentum and weight decay.

    Raises:
        UsageError: they do not fit one another.
    """

    def given(value: float | None, default: float | None) -> float | None:
        return default if value is None else value

    if settings.steps is not None and settings.steps < 0:
        raise UsageError(f"a number of steps is 0 (no end) or more, not {settings.steps}")
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
