"""Whether a device computes the same gradients again: some operations of a GPU sum in any order."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch

from zgtui.training.joint.outcomes import distance
from zgtui.training.rng import get_rng_states, set_rng_states

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zgtui.training.step import Criterion

IN_ANY_ORDER = {"cuda"}
"""The kinds of device on which PyTorch has operations that do so."""
NOT_REPRODUCIBLE = "results are not bitwise reproducible on this GPU"


def gradient_spread(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
) -> float:
    """How far the gradients of a batch, (batch, …) each, are from themselves, computed twice.

    That is relative to the largest number; 0 where they are bit-equal, or where nobody has to ask.
    Neither the model nor the random numbers of the training to come are changed by it.
    """
    if inputs.device.type not in IN_ANY_ORDER:
        return 0.0
    before = get_rng_states(inputs.device)
    try:
        first, second = (_gradients(model, criterion, inputs, targets, before) for _ in range(2))
    except Exception:  # noqa: BLE001 - a first step tells it, and it may be that a copy has no room
        return 0.0
    finally:
        set_rng_states(inputs.device, before)
    return distance(second, first)


def _gradients(
    model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor, rng: list[Tensor]
) -> list[Tensor]:
    """Those of a copy: a model may count its calls, as BatchNorm does."""
    own = copy.deepcopy(model)
    set_rng_states(inputs.device, rng)
    parameters = [parameter for parameter in own.parameters() if parameter.requires_grad]
    loss = criterion(own(inputs), targets)
    found: tuple[Tensor | None, ...] = torch.autograd.grad(loss, parameters, allow_unused=True)
    return [loss.detach(), *(gradient for gradient in found if gradient is not None)]


def spread_words(spread: float) -> str:
    """What is to be told of ``spread``, as one sentence; empty for nothing."""
    if not spread:
        return ""
    return (
        f"{NOT_REPRODUCIBLE}: the same step computed twice differs"
        f" (by {spread:.0e} of the largest number)"
    )
