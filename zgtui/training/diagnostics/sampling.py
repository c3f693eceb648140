"""What is measured of a run beside its loss, from outside the training step.

Columns, of one run at one step:

grad_norm    ‖A‖, A being what ``.grad`` held after the backward, before clipping
fresh_norm   ‖g‖, g being the gradient of this step alone
carried_norm ‖A - g‖, what ``.grad`` held before the backward: 0 where it was cleared
ratio        ‖A‖/‖g‖
cosine       of the angle between A and g; below 0 the step goes uphill
sharpness    λ, the largest eigenvalue of the Hessian on this batch, after the step
q            lr·λ
energy       L + ½·lr·⟨A - g, A⟩, conserved where gradients are never cleared (claims.md 5);
             measured where the claim holds: plain SGD, full batch, loss quadratic in the weights
accuracy     the share of held-out samples classified correctly, from 0 to 1
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from zgtui.runlog.events import is_milestone, next_milestone
from zgtui.theory.dynamics import energy
from zgtui.theory.stability import rule_of
from zgtui.training.budget import Budget
from zgtui.training.diagnostics.probe import Probe, Products
from zgtui.training.diagnostics.sharpness import Sharpness, sharpness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from zgtui.config.settings import RunName, Settings
    from zgtui.experiments.experiment import Data
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

GRADIENT_SHARE = 0.03
SHARPNESS_SHARE = 0.02
"""Shares of the time that passes. Together half of the tenth that diagnostics may cost: steps after
a sample are slower too, since the caches hold other things then."""
SAMPLE_SECONDS = 0.05
"""Later samples are at least so far apart: the log of a long training stays small."""
SHARPNESS_STEPS = 10
EVALUATIONS = 20
"""How often the accuracy is measured over the planned length of a run."""
UNPLANNED_STEPS = 1000
"""The length that is taken for a run without end."""
MIN_SQUARE = 1e-34
"""Squares below this have lost digits in float32, whose normal numbers end at 1e-38."""
REST_SECONDS = 0.2
"""What λ may cost where training rests afterwards, and so loses no time."""
COLUMNS = ("grad_norm", "fresh_norm", "carried_norm", "ratio", "cosine", "sharpness", "q")


@dataclass(frozen=True)
class Sample:
    """One diagnostic of one run at one step: a column above."""

    run: RunName
    step: int
    name: str
    value: float


@dataclass(frozen=True)
class _Reading:
    run: RunName
    step: int
    lr: float
    loss: Tensor
    products: Products | None
    sharpness: float | None


class Diagnostics:
    """Samples the runs of one comparison; never changes what they compute.

    ``quadratic``: the loss is a quadratic function of the weights.
    """

    def __init__(
        self, settings: Settings, criterion: Criterion, *, full_batch: bool, quadratic: bool
    ) -> None:
        self.on = settings.diagnostics == "on"
        self._criterion = criterion
        self._clipped = settings.clip is not None
        rule = rule_of(settings, "A", full_batch=full_batch)
        self._conserves = quadratic and rule is not None and rule.momentum == 0 and rule.decay == 0
        self._gradients = Budget(GRADIENT_SHARE)
        self._hessians = Budget(SHARPNESS_SHARE)
        self._sharpest: dict[RunName, Sharpness] = {}
        self._sharpness_step: int | None = None
        self._readings: list[_Reading] = []
        self._looked_at: float | None = None
        self._sampled_at = -math.inf
        self._spent = 0.0
        self._spent_on_sharpness = 0.0
        self._sharpness_cost = 0.0
        self._resting = False

    @property
    def columns(self) -> list[str]:
        """The names of what is sampled."""
        if not self.on:
            return []
        return [*COLUMNS, *(["energy"] if self._conserves else [])]

    def pause(self) -> None:
        """The time since the last question and until the next is none that passes in training."""
        self._looked_at = None

    def due(self, step: int) -> bool:
        """Whether ``step`` is to be sampled; asked once before each step."""
        if not self.on:
            return False
        now = time.perf_counter()
        always = is_milestone(step)
        if not always and now < self._sampled_at + SAMPLE_SECONDS:
            return False
        if self._looked_at is not None:
            self._gradients.earn(now - self._looked_at)
            self._hessians.earn(now - self._looked_at)
        self._looked_at = now
        return always or self._gradients.affordable()

    def unsampled(self, step: int) -> float:
        """The last of the steps from ``step`` on that may all be trained without asking again."""
        return next_milestone(step + 1) - 1 if self.on else math.inf

    def rest_after(self, *, resting: bool) -> None:
        """Whether training rests after the next step: then λ is measured, paid for or not."""
        self._resting = resting

    def watch(self, run: Run) -> Probe:
        """Look at the gradients of ``run`` from now until ``take``, for one step."""
        return Probe(run.model, clipped=self._clipped)

    def take(  # noqa: PLR0913, PLR0917 - everything that one step of one run has
        self,
        name: RunName,
        step: int,
        run: Run,
        probe: Probe,
        loss: Tensor,
        inputs: Tensor,
        targets: Tensor,
    ) -> None:
        """Sample the step that ``run`` has just done and ``probe`` has watched."""
        begin = time.perf_counter()
        products = probe.products()
        self._spent += time.perf_counter() - begin + probe.seconds_in_step
        begin = time.perf_counter()
        value = None
        if self._sharpness_due(step):
            earlier = self._sharpest.get(name)
            found = sharpness(
                run.model, self._criterion, inputs, targets, earlier.vector if earlier else None
            )
            if found is not None:
                self._sharpest[name] = found
                value = found.value
            self._spent_on_sharpness += time.perf_counter() - begin
        lr = float(run.optimizer.param_groups[0]["lr"])
        self._readings.append(_Reading(name, step, lr, loss, products, value))

    def end_step(self, step: int) -> None:
        """Every run was sampled at ``step``."""
        self._sampled_at = time.perf_counter()
        self._gradients.spend(self._spent)
        if self._spent_on_sharpness:
            self._sharpness_cost = self._spent_on_sharpness
            if not self._resting:
                self._hessians.spend(self._spent_on_sharpness)
            self._sharpness_step = step
        self._spent = self._spent_on_sharpness = 0.0

    def charge(self, seconds: float) -> None:
        """Note that writing down what was sampled took ``seconds``."""
        self._gradients.charge(seconds)

    def _sharpness_due(self, step: int) -> bool:
        if self._sharpness_step is None:
            return True
        if self._resting and self._sharpness_cost <= REST_SECONDS:
            return True
        return step >= self._sharpness_step + SHARPNESS_STEPS and self._hessians.affordable()

    def tensors(self) -> list[Tensor]:
        """What waits on the device, for ``settle``."""
        waiting: list[Tensor] = []
        for reading in self._readings:
            if reading.products is not None:
                products = reading.products
                waiting += [products.fresh, products.held, products.between]
                waiting += [products.carried, reading.loss]
        return waiting

    def settle(self, values: Iterator[float]) -> list[Sample]:
        """The samples since the last call; ``values`` are those of ``tensors``, in order."""
        samples: list[Sample] = []
        for reading in self._readings:
            found: dict[str, float] = {}
            if reading.products is not None:
                fresh, held, between, carried, loss = (next(values) for _ in range(5))
                found = _gradient_columns(fresh, held, between, carried)
                if self._conserves and found:
                    found["energy"] = energy(loss, reading.lr, held - between)
            if reading.sharpness is not None:
                found |= {"sharpness": reading.sharpness, "q": reading.lr * reading.sharpness}
            samples += [
                Sample(reading.run, reading.step, name, value) for name, value in found.items()
            ]
        self._readings.clear()
        return samples

    def forget(self) -> None:
        """Drop what waits: its steps are undone."""
        self._readings.clear()
        self._sharpness_step = None


def _gradient_columns(
    fresh: float, held: float, between: float, carried: float
) -> dict[str, float]:
    """From the squared norms of g, A and A - g and ⟨A, g⟩; an angle with 0 is left out.

    Nothing where a square left the range of float32, upwards or down to where it has no digits:
    the length itself is far from that.
    """
    squares = (fresh, held, carried)
    if not math.isfinite(between) or any(not _has_digits(square) for square in squares):
        return {}
    fresh_norm, grad_norm = math.sqrt(fresh), math.sqrt(held)
    found = {"grad_norm": grad_norm, "fresh_norm": fresh_norm, "carried_norm": math.sqrt(carried)}
    if fresh_norm > 0:
        found["ratio"] = grad_norm / fresh_norm
        if 0 < fresh_norm * grad_norm < math.inf:
            found["cosine"] = max(-1.0, min(1.0, between / fresh_norm / grad_norm))
    return found


class AccuracyMeter:
    """Measures the accuracy of runs on the held-out samples of ``data``, where it means something.

    ``accuracy`` maps outputs (samples, …) and targets (samples, …) to a scalar from 0 to 1. The
    runs are planned for ``steps``; 0 is without end.
    """

    def __init__(
        self,
        accuracy: Callable[[Tensor, Tensor], Tensor] | None,
        data: Data,
        device: torch.device,
        steps: int,
    ) -> None:
        self._accuracy = accuracy
        self._held_out = (
            (data.test_inputs.to(device), data.test_targets.to(device))
            if data.test_inputs is not None and data.test_targets is not None
            else None
        )
        targets = data.test_targets
        self.chance = None if targets is None or accuracy is None else _chance(targets)
        """The accuracy of always saying the commonest class; None where that is not known."""
        self._every = max(1, (steps or UNPLANNED_STEPS) // EVALUATIONS)
        self._measured: list[tuple[RunName, int, Tensor]] = []

    @property
    def on(self) -> bool:
        """Whether it is measured."""
        return self._held_out is not None and self._accuracy is not None

    def next_due(self, step: int) -> float:
        """The next step after ``step`` at which it is measured."""
        return step + self._every - step % self._every if self.on else math.inf

    def measure(self, step: int, runs: Mapping[RunName, Run]) -> None:
        """Measure all ``runs``, which have just done ``step``, if it is time to."""
        if self._held_out is None or self._accuracy is None or step % self._every:
            return
        inputs, targets = self._held_out
        for name, run in runs.items():
            # Not model.train() afterwards: what its author froze with eval() stays frozen.
            training = [module for module in run.model.modules() if module.training]
            run.model.eval()
            with torch.no_grad():
                self._measured.append((name, step, self._accuracy(run.model(inputs), targets)))
            for module in training:
                module.training = True

    def tensors(self) -> list[Tensor]:
        """What waits on the device, for ``settle``."""
        return [value for _, _, value in self._measured]

    def settle(self, values: Iterator[float]) -> list[Sample]:
        """The samples since the last call; ``values`` are those of ``tensors``, in order."""
        return [Sample(run, step, "accuracy", next(values)) for run, step, _ in self._measured]

    def forget(self) -> None:
        """Drop what waits."""
        self._measured.clear()


def _has_digits(square: float) -> bool:
    return square == 0 or MIN_SQUARE < square < math.inf


def _chance(targets: Tensor) -> float | None:
    """The share of the commonest of ``targets`` (samples,); None where they are no classes."""
    if targets.dim() != 1 or targets.is_floating_point() or not len(targets):
        return None
    return float(targets.unique(return_counts=True)[1].max()) / len(targets)
