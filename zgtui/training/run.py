"""One step of training: the lesson. The app shows this function as it runs."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.optim import Optimizer

from zgtui.settings import Clearing

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
