"""One step of training: the lesson. The app shows the function that runs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from zgtui.config.settings import Clearing

Criterion = Callable[[Tensor, Tensor], Tensor]


def train_step(  # noqa: PLR0913, PLR0917 - the lesson names everything it uses
    model: nn.Module,
    criterion: Criterion,
    optimizer: Optimizer,
    clearing: Clearing,
    step: int,
    inputs: Tensor,
    targets: Tensor,
) -> Tensor:
    """Train ``model`` on one batch; ``step`` counts from 1. Returns the loss, on its device."""
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
    inputs: Tensor,
    targets: Tensor,
    parts: int,
    clip: float,
) -> Tensor:
    """The same with gradient accumulation over ``parts`` and clipping to the norm ``clip``."""
    losses = []
    if clearing.due(step):
        optimizer.zero_grad()
    for x, y in zip(inputs.tensor_split(parts), targets.tensor_split(parts), strict=True):
        loss = criterion(model(x), y) / parts
        loss.backward()
        losses.append(loss.detach())
    clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return torch.stack(losses).sum()
