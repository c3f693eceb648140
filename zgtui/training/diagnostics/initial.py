"""What is known of a comparison before its first step: sharpness, and the loss if it is quadratic.

A linear model under MSE has a loss that is quadratic in the weights. It is found out by looking at
the loss along straight lines, so a model is not judged by the names of its layers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from zgtui.theory.prediction import Mode
from zgtui.training.diagnostics.sharpness import hessian_product, sharpness, untouched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.config.settings import RunName
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

MAX_DECOMPOSED = 200
"""A larger Hessian is not decomposed."""
MAX_TRIED = 100_000
"""A model with more parameters is not tried at all: its start must not wait for that."""
MAX_PARAMETERS = 1_000_000
"""A larger model's sharpness is not measured ahead: its first step must not wait for that."""
LINES = 3
TOLERANCE = 1e-9
"""Third differences and eigenvalues below this share of the largest are rounding."""


@dataclass(frozen=True)
class Quadratic:
    """A loss that is quadratic in the weights, seen from the present ones.

    ``modes`` are its directions with curvature, the sharpest first; None for more than
    MAX_DECOMPOSED parameters. ``min_loss`` is the least loss there is.
    """

    modes: tuple[Mode, ...] | None
    min_loss: float


@dataclass(frozen=True)
class InitialAnalysis:
    """Of each run at its initial weights; a run is missing where nothing is known.

    ``quadratics`` where every step sees the same data and the loss is quadratic in the weights.
    ``sharpness`` is the largest eigenvalue of the Hessian on the samples of one batch.
    """

    quadratics: Mapping[RunName, Quadratic]
    sharpness: Mapping[RunName, float]

    @property
    def modes(self) -> dict[RunName, list[list[float]]] | None:
        """[λ, e_0, w_0] of each direction with curvature, by run; None where it is not known."""
        found: dict[RunName, list[list[float]]] = {}
        for name, one in self.quadratics.items():
            if one.modes is None:
                return None
            found[name] = [[mode.sharpness, mode.error, mode.weight] for mode in one.modes]
        return found or None

    @property
    def min_loss(self) -> float | None:
        """The least loss there is; None where it is not known."""
        known = [one.min_loss for one in self.quadratics.values() if one.modes is not None]
        return known[0] if known else None


NOTHING = InitialAnalysis({}, {})


def analyze_initial_state(  # noqa: PLR0913 - what a loss is made of, and how it is looked at
    runs: Mapping[RunName, Run],
    criterion: Criterion,
    inputs: Tensor,
    targets: Tensor,
    *,
    full_batch: bool,
    same_init: bool,
) -> InitialAnalysis:
    """Look at the loss of ``runs`` on as many samples as a step sees, (batch, …) each.

    ``same_init``: all have the same weights, so that one look is enough.
    """
    quadratics: dict[RunName, Quadratic] = {}
    sharpest: dict[RunName, float] = {}
    found: Quadratic | None = None
    value: float | None = None
    for at, (name, run) in enumerate(runs.items()):
        if at == 0 or not same_init:
            found = quadratic(run.model, criterion, inputs, targets) if full_batch else None
            value = _sharpness(run.model, criterion, inputs, targets, found)
        if found is not None:
            quadratics[name] = found
        if value is not None:
            sharpest[name] = value
    return InitialAnalysis(quadratics, sharpest)


def _sharpness(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor, known: Quadratic | None
) -> float | None:
    """That of ``known`` where it is decomposed; None for a large model."""
    if known is not None and known.modes:
        return known.modes[0].sharpness
    if sum(p.numel() for p in model.parameters()) > MAX_PARAMETERS:
        return None
    found = sharpness(model, criterion, inputs, targets)
    return None if found is None else found.value


def quadratic(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
) -> Quadratic | None:
    """What the loss on these samples is made of, in float64; None where it is not quadratic.

    Works on a copy: ``model`` and the random state stay as they are.
    """
    count = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if not 0 < count <= MAX_TRIED:
        return None
    with untouched(model, inputs.device):
        double = copy.deepcopy(model).cpu().double()
        data = _double(inputs), _double(targets)
        try:
            if not _curves_evenly(double, criterion, *data):
                return None
            if count > MAX_DECOMPOSED:
                return Quadratic(None, 0.0)
            return _decomposed(double, criterion, *data)
        except RuntimeError:
            # A user's model may insist on one precision; then nothing is claimed about it.
            return None


def _double(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu()
    return tensor.double() if tensor.is_floating_point() else tensor


@torch.no_grad()
def _curves_evenly(model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor) -> bool:
    """Whether third differences of the loss vanish along random lines through weight space."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    origin = parameters_to_vector(parameters).clone()
    generator = torch.Generator().manual_seed(0)
    for _ in range(LINES):
        line = torch.randn(origin.numel(), generator=generator, dtype=origin.dtype)
        losses = []
        for at in range(-1, 3):
            vector_to_parameters(origin + at * line, parameters)
            losses.append(float(criterion(model(inputs), targets)))
        third = losses[3] - 3 * losses[2] + 3 * losses[1] - losses[0]
        # A loss that does not curve at all would pass, and has nothing to decompose.
        curved = losses[2] - 2 * losses[1] + losses[0] > TOLERANCE * max(losses)
        if not (curved and abs(third) <= TOLERANCE * max(losses)):
            return False
    vector_to_parameters(origin, parameters)
    return True


def _decomposed(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
) -> Quadratic:
    with torch.enable_grad():
        loss = criterion(model(inputs), targets)
        gradient, product = hessian_product(model, loss)
    weights = parameters_to_vector([p for p in model.parameters() if p.requires_grad]).detach()
    unit = torch.eye(weights.numel(), dtype=weights.dtype)
    hessian = torch.stack([product(row) for row in unit])
    values, vectors = torch.linalg.eigh((hessian + hessian.T) / 2)
    slopes, along = vectors.T @ gradient, vectors.T @ weights
    modes = tuple(
        Mode(sharpness, slope / sharpness, weight)
        for sharpness, slope, weight in zip(
            values.tolist()[::-1], slopes.tolist()[::-1], along.tolist()[::-1], strict=True
        )
        if sharpness > TOLERANCE * float(values[-1])
    )
    first = float(loss.detach())
    min_loss = first - sum(mode.share for mode in modes)
    # What is left of the loss by rounding alone is nothing.
    return Quadratic(modes, min_loss if min_loss > 1e-14 * first else 0.0)
