"""Tells whether a loss is a quadratic function of the weights, and takes it apart.

A linear model under MSE is one. It is found out by looking at the loss along straight lines, so a
model is not judged by the names of its layers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from zgtui.theory.prediction import Mode
from zgtui.training.diagnostics.sharpness import hessian_product, untouched
from zgtui.training.step import Criterion

MAX_PARAMETERS = 200
"""A larger Hessian is not taken apart."""
MAX_TRIED = 100_000
"""A model with more parameters is not tried at all: its start must not wait for that."""
LINES = 3
TOLERANCE = 1e-9
"""Third differences and eigenvalues below this share of the largest are rounding."""


@dataclass(frozen=True)
class Quadratic:
    """A loss that is quadratic in the weights, seen from the present ones.

    ``modes`` are its directions with curvature, the sharpest first; None for more than
    MAX_PARAMETERS parameters. ``floor`` is the least loss there is.
    """

    modes: tuple[Mode, ...] | None
    floor: float


def quadratic(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
) -> Quadratic | None:
    """What the loss on these samples is made of, in float64; None where it is not quadratic.

    Works on a copy: ``model`` and the random state stay as they are.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not 0 < sum(p.numel() for p in parameters) <= MAX_TRIED:
        return None
    with untouched(model, inputs.device):
        double = copy.deepcopy(model).cpu().double()
        data = _double(inputs), _double(targets)
        try:
            if not _curves_evenly(double, criterion, *data):
                return None
            if sum(p.numel() for p in parameters) > MAX_PARAMETERS:
                return Quadratic(None, 0.0)
            return _taken_apart(double, criterion, *data)
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
        # A loss that does not curve at all would pass, and has nothing to take apart.
        curved = losses[2] - 2 * losses[1] + losses[0] > TOLERANCE * max(losses)
        if not (curved and abs(third) <= TOLERANCE * max(losses)):
            return False
    vector_to_parameters(origin, parameters)
    return True


def _taken_apart(
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
    floor = first - sum(mode.share for mode in modes)
    # What is left of the loss by rounding alone is no floor.
    return Quadratic(modes, floor if floor > 1e-14 * first else 0.0)
