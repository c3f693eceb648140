"""A linear model under the mean squared error, in float64: its directions, and what becomes of it.

Each direction of the Hessian is followed by the matrix of one cycle on (error, accumulated
gradient, momentum buffer, 1), whose eigenvalues decide; nothing is taken from the closed forms.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from zgtui.config.settings import RunName, Settings
from zgtui.experiments import load

CLOSE = 1e-9


@dataclass(frozen=True)
class Update:
    """How SGD moves a run: constants of one setting."""

    period: int
    momentum: float = 0.0
    nesterov: bool = False
    decay: float = 0.0
    """lr × weight decay"""


@dataclass(frozen=True)
class Direction:
    """An eigenvector of the Hessian: eigenvalue, distance from the minimum, and the minimum."""

    sharpness: float
    error: float
    optimum: float


@dataclass(frozen=True)
class Quadratic:
    """The loss of one run at step 1."""

    directions: tuple[Direction, ...]
    min_loss: float

    @property
    def sharpest(self) -> float:
        return max(one.sharpness for one in self.directions)


@lru_cache
def quadratic(experiment: str, seed: int, run: RunName) -> Quadratic | None:
    """That of a linear model on its full batch; None for any other."""
    found = load(experiment)
    torch.manual_seed(seed)
    model = found.model()
    if run == "B" and found.separate_starts:
        model = found.model()
    if not isinstance(model, nn.Linear):
        return None
    torch.manual_seed(seed)
    data = found.data()
    inputs = torch.cat([data.inputs, torch.ones(len(data.inputs), 1)], dim=1).double()
    targets = data.targets.double().flatten()
    weights = torch.cat([model.weight.flatten(), model.bias]).detach().double()
    hessian = 2 / len(inputs) * inputs.T @ inputs
    best = torch.linalg.pinv(inputs) @ targets
    values, vectors = torch.linalg.eigh(hessian)
    errors, optima = vectors.T @ (weights - best), vectors.T @ best
    kept = [
        Direction(value, error, optimum)
        for value, error, optimum in zip(
            values.tolist(), errors.tolist(), optima.tolist(), strict=True
        )
        if value > CLOSE * float(values[-1])
    ]
    rest = float((inputs @ best - targets).square().mean())
    return Quadratic(tuple(kept), rest if rest > 1e-14 else 0.0)


def step_matrix(update: Update, q: float, *, clears: bool) -> list[list[float]]:
    """One step on (e, A, buffer), A and the buffer times lr; decay pulls towards the optimum 0."""
    keep = 0.0 if clears else 1.0
    grad = [q, keep, 0.0]
    applied = [q + update.decay, keep, 0.0]
    m = update.momentum
    buffer = [applied[0], applied[1], m]
    kick = [a + m * b for a, b in zip(applied, buffer, strict=True)] if update.nesterov else buffer
    return [[1 - kick[0], -kick[1], -kick[2]], grad, buffer]


def roots(update: Update, q: float) -> list[complex]:
    """The eigenvalues of one cycle, one step where never cleared."""
    whole = torch.eye(3, dtype=torch.float64)
    for at in range(update.period or 1):
        clears = update.period > 0 and at == 0
        whole = torch.tensor(step_matrix(update, q, clears=clears), dtype=torch.float64) @ whole
    return [complex(root) for root in torch.linalg.eigvals(whole).tolist()]


@dataclass(frozen=True)
class Fate:
    """What becomes of a run: its factor of the loss per step, and the period that shows."""

    growth: float
    period: float | None
    linear: bool = False

    @property
    def state(self) -> str:
        if self.linear:
            return "grows linearly"
        if self.growth == 1:
            return "oscillates"
        return "converges" if self.growth < 1 else "diverges"


@lru_cache
def fate(update: Update, lr: float, found: Quadratic) -> Fate:
    """The worst direction decides; of equal ones that with the largest share of the loss."""
    best: tuple[float, float] = (-1.0, 0.0)
    answer = Fate(0.0, None)
    for one in found.directions:
        share = one.sharpness * one.error**2
        if not share:
            continue
        q = lr * one.sharpness
        largest = max(roots(update, q), key=abs)
        size = abs(largest)
        # Two equal roots on the circle: in floating point they come apart by a root of rounding.
        linear = (
            update.period == 0 and not update.momentum and not update.decay and (abs(q - 4) < 1e-9)
        )
        # Where both roots are on the circle rounding moves them by a root of itself.
        size = 1.0 if abs(size - 1) < (1e-12 if update.period == 1 else 1e-7) else size
        growth = size ** (2 / (update.period or 1))
        turn = abs(cmath.phase(largest)) * 2 / (update.period or 1)
        if (round(growth, 9), share) > (round(best[0], 9), best[1]):
            best, answer = (growth, share), Fate(growth, seen(turn), linear)
    return answer


def seen(turn: float) -> float | None:
    """The period that an angle per step shows as where one sample a step is seen."""
    cycles = turn / math.tau
    shown = abs(cycles - round(cycles))
    return None if shown < 1e-6 else 1 / shown


@lru_cache(maxsize=4096)
def stable(update: Update, lr: float, found: Quadratic) -> bool:
    """Whether no direction grows."""
    return all(
        max(abs(root) for root in roots(update, lr * one.sharpness)) <= 1 + 1e-7
        for one in found.directions
    )


@lru_cache
def simulate(update: Update, lr: float, found: Quadratic, steps: int) -> tuple[float, ...]:
    """The losses of the first ``steps`` steps, by the plain recursion."""
    losses = [found.min_loss] * steps
    for one in found.directions:
        e, held, buffer = one.error, 0.0, 0.0
        for at in range(steps):
            losses[at] += one.sharpness * e * e / 2
            if update.period and at % update.period == 0:
                held = 0.0
            held += lr * one.sharpness * e
            applied = held + update.decay * (e + one.optimum)
            buffer = update.momentum * buffer + applied
            e -= applied + update.momentum * buffer if update.nesterov else buffer
            if abs(e) > 1e150:
                return (*losses[: at + 1], *([math.inf] * (steps - at - 1)))
    return tuple(losses)


def update_of(settings: Settings, name: RunName, lr: float, period: int) -> Update:
    """How run ``name`` moves at the rate ``lr``."""
    return Update(
        period,
        settings.momentum or 0.0,
        settings.nesterov,
        lr * (settings.weight_decay or 0.0),
    )
