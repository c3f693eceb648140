"""Two runs, A and B, trained in step on the same batches."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from zgtui.config.settings import RUNS, Clearing, RunName, Settings
from zgtui.errors import UsageError
from zgtui.experiments import load
from zgtui.experiments.experiment import Experiment
from zgtui.experiments.own import as_usage_error
from zgtui.plural import plural
from zgtui.runlog.log import MOMENTUM_TWIN
from zgtui.training.batches import Batches, BatchesState, fingerprints
from zgtui.training.devices import resolve_device, step_work
from zgtui.training.diagnostics.initial import (
    MAX_DECOMPOSED,
    NOTHING,
    InitialAnalysis,
    analyze_initial_state,
)
from zgtui.training.diagnostics.sampling import AccuracyMeter, Diagnostics, Sample
from zgtui.training.joint.capturers import ArrivingLosses, Capturer, suitable_capturer
from zgtui.training.joint.graphed_steps import GraphedSteps
from zgtui.training.joint.joint_step import JointStep
from zgtui.training.line_tracer import OnLine, each_line, longest_call
from zgtui.training.repeatability import gradient_spread, spread_words
from zgtui.training.rng import SharedRng, get_rng_states, seed_generators, set_rng_states
from zgtui.training.run import Run, RunState, fill_in, make_momentum_twin, make_run
from zgtui.training.run_step import is_plain, step_run
from zgtui.training.step import train_step, train_step_accumulated

PendingLosses = Tensor | float | ArrivingLosses
"""A loss, or the losses of several steps, that wait to be drained."""


@dataclass(frozen=True)
class Drained:
    """What was trained since the last drain: each run's losses, oldest first, and samples.

    ``momentum_twin`` are the losses of run B's momentum-1 twin, empty where there is none.
    """

    losses: dict[RunName, list[float]]
    samples: list[Sample]
    momentum_twin: list[float]


@dataclass(frozen=True)
class State:
    """A copy of everything that the next steps of a comparison depend on."""

    step: int
    steps_together: int
    runs: list[RunState]
    batches: BatchesState
    rng: list[Tensor]
    rng_used: bool | None

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        runs = sum(run.size for run in self.runs)
        return runs + self.batches.size + sum(state.nbytes for state in self.rng)


class Comparison:
    """Trains both runs of ``settings`` (with every default filled in) on ``settings.device``.

    Losses stay on the device until ``drain`` moves them in one transfer.

    Raises:
        UsageError: if the settings do not fit one another or the experiment.
    """

    def __init__(
        self, experiment: Experiment, settings: Settings, capturer: Capturer | None = None
    ) -> None:
        """``capturer`` has steps captured and replayed where that comes out the same.

        Optimizers then count their steps on the device.
        """
        self.step = 0
        """Optimizer steps done by each run."""
        self.steps_together = 0
        """At how many of them all runs were trained together."""
        self._settings = settings
        self.criterion = experiment.criterion
        self._device = device = torch.device(settings.device)
        seed_generators(device, settings.seed)
        first = experiment.model()
        second = experiment.model() if experiment.separate_starts else copy.deepcopy(first)
        pairs = zip(first.parameters(), second.parameters(), strict=True)
        self.same_init = all(torch.equal(p, q) for p, q in pairs)
        """Whether both runs start from the same weights."""
        small = sum(p.numel() for p in first.parameters()) <= MAX_DECOMPOSED
        self.initial_model = copy.deepcopy(first) if small else None
        """That of run A at step 0, on the CPU; None for a model too large to be decomposed."""
        self.runs: dict[RunName, Run] = {
            "A": make_run(first.to(device), settings, "A", graphs=capturer is not None),
            "B": make_run(second.to(device), settings, "B", graphs=capturer is not None),
        }
        self._trained = {str(name): run for name, run in self.runs.items()}
        """With run B's momentum-1 twin, where there is one."""
        if settings.twin:
            self._trained[MOMENTUM_TWIN] = make_momentum_twin(
                second, settings, graphs=capturer is not None
            )
        seed_generators(device, settings.seed)
        data = experiment.data()
        self.batches = Batches(data, settings.batch_size or 0, settings.seed, device)
        for run in self.runs.values():
            self._check_micro_batches(run.micro_batches)
        self.fingerprints = fingerprints(first, second, self.batches, same_init=self.same_init)
        self._rng = SharedRng(device)
        self._spread = gradient_spread(self.runs["A"].model, self.criterion, *self.batches.some())
        self.initial = self._analyze() if settings.diagnostics == "on" else NOTHING
        self.diagnostics = Diagnostics(
            settings,
            self.criterion,
            full_batch=self.batches.full,
            quadratic=bool(self.initial.quadratics),
        )
        self.accuracy = AccuracyMeter(experiment.accuracy, data, device, settings.steps or 0)
        self._pending: dict[str, list[PendingLosses]] = {name: [] for name in self._trained}
        trained = list(self._trained.values())
        self._joint = JointStep.of(trained, self.criterion)
        self._graphed = (
            None
            if capturer is None
            else GraphedSteps(trained, self.criterion, self.batches, capturer, settings)
        )

    def _analyze(self) -> InitialAnalysis:
        inputs, targets = self.batches.some()
        return analyze_initial_state(
            self.runs,
            self.criterion,
            inputs,
            targets,
            full_batch=self.batches.full,
            same_init=self.same_init,
        )

    @property
    def logged_runs(self) -> tuple[str, ...]:
        """The names of all runs that are trained, the momentum-1 twin of run B included."""
        return tuple(self._trained)

    @property
    def columns(self) -> list[str]:
        """The names of what is sampled."""
        return [*self.diagnostics.columns, *(["accuracy"] if self.accuracy.on else [])]

    @property
    def lines(self) -> int:
        """How many lines of the training step the next step of both runs executes, at most."""
        return sum(
            longest_call(train_step)
            if is_plain(run, self._settings.clip)
            else longest_call(train_step_accumulated, run.micro_batches)
            for run in self.runs.values()
        )

    def advance(
        self,
        *,
        sample: bool = False,
        resting: bool = False,
        follow: Callable[[RunName, int], None] | None = None,
    ) -> None:
        """Train both runs by one step, on the same batch; ``sample`` takes diagnostics too.

        ``resting``: training rests afterwards, so that they may take longer.
        ``follow`` gets each line of the training step, counted from 0, before a run does it.
        """
        self.step += 1
        batch = self.batches.next()
        watched = sample and self.diagnostics.on
        self.diagnostics.rest_after(resting=resting)
        self._rng.new_step()
        self._schedule(self.step)
        for name, run in self.runs.items():
            probe = self.diagnostics.watch(run) if watched else None
            loss = self._train(run, *batch, None if follow is None else partial(follow, name))
            self._pending[name].append(loss)
            if probe is not None:
                self.diagnostics.take(name, self.step, run, probe, loss, *batch)
        if MOMENTUM_TWIN in self._trained:
            loss = self._train(self._trained[MOMENTUM_TWIN], *batch)
            self._pending[MOMENTUM_TWIN].append(loss)
        if watched:
            self.diagnostics.end_step(self.step)
        self.accuracy.measure(self.step, self.runs)

    def advance_to(self, step: float, go_on: Callable[[], bool] = lambda: True) -> None:
        """Train all runs up to ``step``, and look at nothing but their losses and the accuracy.

        After each step before it ``go_on`` is asked. Runs are trained together wherever that is the
        same, bit for bit, as one after the other.
        """
        joint = None
        while True:
            joint = joint or self._joint_step()
            if self._graphed is not None and self._replay(self._graphed, step):
                pass
            elif joint is None:
                self.advance()
            else:
                self._advance_together(joint)
            if self.step >= step or not go_on():
                return

    def _joint_step(self) -> JointStep | None:
        """What trains all runs together; None where one of them draws, accumulates or clips."""
        return self._joint if self._undisturbed else None

    def _replay(self, graphed: GraphedSteps, step: float) -> bool:
        """Train all runs towards ``step`` by steps that were captured; whether that can be."""
        room = min(step, self.accuracy.next_due(self.step)) - self.step
        found = graphed.train(self.step + 1, room, draws=self._rng.used)
        if found is None:
            return False
        for pending, (_, losses) in zip(self._pending.values(), found, strict=True):
            pending.append(losses)
        count = found[0][0]
        self.step += count
        self.steps_together += count
        self.accuracy.measure(self.step, self.runs)
        return True

    @property
    def remarks(self) -> list[str]:
        """What is to be told of how it trains on a GPU, a sentence each, so far."""
        graphs = self._graphed.remark if self._graphed is not None else ""
        return list(filter(None, [spread_words(self._spread), graphs]))

    @property
    def _undisturbed(self) -> bool:
        """Whether no run draws, accumulates or clips."""
        return self._rng.used is False and all(
            is_plain(run, self._settings.clip) for run in self._trained.values()
        )

    def _advance_together(self, joint: JointStep) -> None:
        self.step += 1
        self.steps_together += 1
        self._schedule(self.step)
        losses = joint.train(self.step, *self.batches.next())
        for pending, loss in zip(self._pending.values(), losses, strict=True):
            pending.append(loss)
        self.accuracy.measure(self.step, self.runs)

    def _schedule(self, step: int) -> None:
        """Give every optimizer the learning rate of ``step``, as the schedule has it."""
        if self._settings.schedule != "constant":
            factor = self._settings.lr_factor(step)
            for run in self._trained.values():
                run.scale_lr(factor)

    def _train(
        self, run: Run, inputs: Tensor, targets: Tensor, on_line: OnLine | None = None
    ) -> Tensor:
        if on_line is not None:
            with each_line(on_line, train_step, train_step_accumulated):
                return self._train(run, inputs, targets)
        with self._rng.same_draws():
            return step_run(
                run,
                self.criterion,
                run.clearing,
                self.step,
                inputs,
                targets,
                self._settings.clip,
            )

    def drain(self) -> Drained:
        """Fetch what was trained since the last call; one transfer from the device."""
        pending = [loss for own in self._pending.values() for loss in own]
        waiting = [loss for loss in pending if isinstance(loss, Tensor)]
        waiting += self.accuracy.tensors()
        waiting += self.diagnostics.tensors()
        values: Iterator[float] = iter(_fetched(waiting))
        fetched = {
            name: [value for loss in own for value in _values(loss, values)]
            for name, own in self._pending.items()
        }
        samples = [*self.accuracy.settle(values), *self.diagnostics.settle(values)]
        self._forget()
        return Drained(
            {name: fetched[name] for name in RUNS}, samples, fetched.get(MOMENTUM_TWIN, [])
        )

    def _forget(self) -> None:
        """Nothing waits to be drained any more."""
        for pending in self._pending.values():
            pending.clear()
        self.accuracy.forget()

    def state(self) -> State:
        """A copy of it as it is now, between two steps."""
        return State(
            step=self.step,
            steps_together=self.steps_together,
            runs=[run.state() for run in self._trained.values()],
            batches=self.batches.state(),
            rng=get_rng_states(self._device),
            rng_used=self._rng.used,
        )

    def restore(self, state: State) -> None:
        """Go back to ``state``, bit for bit; what was not drained is dropped."""
        self.step, self.steps_together = state.step, state.steps_together
        for run, one in zip(self._trained.values(), state.runs, strict=True):
            run.restore(one)
        self.batches.restore(state.batches)
        set_rng_states(self._device, state.rng)
        self._rng.used = state.rng_used
        self.diagnostics.forget()
        self._forget()

    def set_lr(self, name: RunName, lr: float) -> None:
        """Give run ``name`` the learning rate ``lr``, before the schedule, from its next step.

        The momentum-1 twin of run B follows it.
        """
        factor = self._settings.lr_factor(self.step + 1)
        for trained, run in self._trained.items():
            if trained == name or (trained == MOMENTUM_TWIN and name == "B"):
                run.lr = lr
                run.scale_lr(factor)

    def set_clearing(self, name: RunName, clearing: Clearing, micro_batches: int = 1) -> None:
        """Give run ``name`` another clearing policy from its next step on.

        The momentum-1 twin of run B goes on as that of a run that never clears.

        Raises:
            UsageError: if a batch has fewer samples than ``micro_batches``.
        """
        self._check_micro_batches(micro_batches)
        self.runs[name].clearing, self.runs[name].micro_batches = clearing, micro_batches

    def _check_micro_batches(self, count: int) -> None:
        if count > self.batches.size:
            raise UsageError(
                f"a batch of {plural(self.batches.size, 'sample')} cannot be split into {count}"
                " micro-batches"
            )


def _fetched(waiting: list[Tensor]) -> list[float]:
    """All of ``waiting``, in one transfer; an Apple GPU has no float64 to fetch them in."""
    return torch.stack(waiting).cpu().double().tolist() if waiting else []


def _values(loss: PendingLosses, fetched: Iterator[float]) -> list[float]:
    """What waits as ``loss``; those on the device come with ``fetched``."""
    if isinstance(loss, Tensor):
        return [next(fetched)]
    return [loss] if isinstance(loss, float) else loss.read()


def prepare(
    settings: Settings, devices: Mapping[str, str], experiment: Experiment | None = None
) -> tuple[Comparison, Settings]:
    """The comparison that ``settings`` describe, and the settings with every default filled in.

    ``devices`` are those of this machine. ``experiment`` stands in for the one that ``settings``
    name.

    Raises:
        UsageError: if the settings do not fit one another, the experiment or this machine.
    """
    if experiment is None:
        experiment = load(settings.experiment, settings.size)
    with as_usage_error(settings.experiment):
        work = partial(step_work, experiment, settings.batch_size)
        filled = fill_in(settings, experiment, resolve_device(settings.device, devices, work))
        return Comparison(experiment, filled, suitable_capturer(filled.device)), filled


def start_event(comparison: Comparison, settings: Settings) -> dict[str, Any]:
    """The fields of the log's start event, plain JSON types; ``settings`` are the filled ones."""
    initial = comparison.initial
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "settings": settings.to_dict(),
        "torch": torch.__version__,
        "device": settings.device,
        "optimizer": type(comparison.runs["A"].optimizer).__name__,
        "steps_per_epoch": comparison.batches.per_epoch,
        "samples_per_step": comparison.batches.size,
        "full_batch": comparison.batches.full,
        "same_init": comparison.same_init,
        "diagnostics": comparison.columns,
        "modes": initial.modes,
        "min_loss": initial.min_loss,
        "sharpness": dict(initial.sharpness),
        "chance": comparison.accuracy.chance,
    }
