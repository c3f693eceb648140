"""One step of several runs at once: what `train_step` does with each, bit for bit, in less time.

The runs are independent of one another, so their losses go through one backward pass, which
computes for each what its own would: the autograd engine takes the nodes of each graph in the same
order. What PyTorch adds around a step, calls of hooks of which there are none, a mark for the
profiler and a change of grad mode, is left out or done once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from zgtui.training.joint.joinable import bare_step, joinable

if TYPE_CHECKING:
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion


class JointStep:
    """Trains all of ``runs``, which are `joinable`, on the same batches."""

    def __init__(self, runs: Sequence[Run], criterion: Criterion) -> None:
        self._runs = [(run, list(run.model.parameters())) for run in runs]
        self._criterion = criterion.forward if isinstance(criterion, nn.Module) else criterion
        self._updates = [_update(run.optimizer) for run in runs]
        self._all: list[Tensor] = [parameter for _, own in self._runs for parameter in own]
        self._plain = all(is_plain_sgd(run.optimizer) for run in runs)
        self._no_grad = torch.no_grad()

    @classmethod
    def of(cls, runs: Sequence[Run], criterion: Criterion) -> JointStep | None:
        """One of ``runs``; None where it is not known to do the same as `train_step`."""
        return cls(runs, criterion) if joinable(runs, criterion) else None

    def train(self, step: int, inputs: Tensor, targets: Tensor) -> list[float]:
        """Train each run on one batch, (batch, …) each; ``step`` counts from 1.

        Returns the losses before the update in the order of the runs. On the CPU there is no
        transfer to be spared by leaving them in tensors.
        """
        for run, parameters in self._runs:
            if run.clearing.due(step):
                for parameter in parameters:
                    parameter.grad = None
        losses = [self._criterion(run.model.forward(inputs), targets) for run, _ in self._runs]
        torch.autograd.backward(losses)
        with self._no_grad:
            self._update()
        return [loss.item() for loss in losses]

    def _update(self) -> None:
        rates = {run.optimizer.param_groups[0]["lr"] for run, _ in self._runs}
        if self._plain and len(rates) == 1:
            gradients = [grad for one in self._all if (grad := one.grad) is not None]
            if len(gradients) == len(self._all):
                # What SGD itself calls on a GPU: on the CPU it adds one tensor after the other.
                torch._foreach_add_(self._all, gradients, alpha=-rates.pop())
                return
        for update in self._updates:
            update()


def _update(optimizer: Optimizer) -> Callable[[], object]:
    step = bare_step(optimizer)
    assert step is not None
    return partial(step, optimizer)


def is_plain_sgd(optimizer: Optimizer) -> bool:
    """Whether all that it does is to add -lr times the gradient, parameter by parameter."""
    (group,) = optimizer.param_groups
    extras = ("momentum", "weight_decay", "nesterov", "maximize", "foreach", "fused")
    return (
        type(optimizer) is SGD
        and isinstance(group["lr"], float)
        and not group["differentiable"]
        and not any(group.get(name) for name in extras)  # older PyTorch knows not all of them
    )
