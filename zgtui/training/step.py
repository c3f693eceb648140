"""One step of training: the lesson. The app shows the function that runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from zgtui.config.settings import Clearing

Criterion = Callable[[Tensor, Tensor], Tensor]
"""Maps model outputs (batch, …) and targets (batch, …) to the loss, a scalar."""


def train_step(  # noqa: PLR0913, PLR0917 - the lesson names everything it uses
    model: nn.Module,
    criterion: Criterion,
    optimizer: Optimizer,
    clearing: Clearing,
    step: int,
    inputs: Tensor,
    targets: Tensor,
) -> Tensor:
    """Train ``model`` on one batch: ``inputs`` (batch, …) and ``targets`` (batch, …).

    ``step`` counts from 1. Returns the loss before the update, a scalar on its device.
    """
    if clearing.due(step):
        optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


def train_step_accumulated(  # noqa: PLR0913, PLR0917 - the lesson names everything it uses
    model: nn.Module,
    criterion: Criterion,
    optimizer: Optimizer,
    clearing: Clearing,
    step: int,
    micro_batches: Sequence[tuple[Tensor, Tensor]],
    clip: float,
) -> Tensor:
    """The same with gradient accumulation (claims.md 11) and clipping to the norm ``clip``.

    ``micro_batches`` are (inputs, targets), each (batch / N, …). Returns the mean of their losses,
    a scalar.
    """
    losses = []
    if clearing.due(step):
        optimizer.zero_grad()
    for inputs, targets in micro_batches:
        loss = criterion(model(inputs), targets) / len(micro_batches)
        loss.backward()
        losses.append(loss.detach())
    clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return torch.stack(losses).sum()
