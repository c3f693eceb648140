"""One run: a model with its optimizer and its policy, and how it is put back as it was."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from zgtui.training.optimizers import make_optimizer

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing, RunName, Settings
from typing import TYPE_CHECKING

from zgtui.config.settings import EVERY, NEVER
from zgtui.errors import UsageError

if TYPE_CHECKING:
    from zgtui.config.settings import Settings


@dataclass(frozen=True)
class RunState:
    """A copy of everything that the next steps of a run depend on."""

    weights: list[Tensor]
    buffers: list[Tensor]
    gradients: list[Tensor | None]
    optimizer: list[dict[str, Any]]
    """What the optimizer remembers of each parameter."""
    groups: list[dict[str, Any]]
    clearing: Clearing
    lr: float
    parts: int

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        remembered = (value for state in self.optimizer for value in state.values())
        tensors = [*self.weights, *self.buffers, *self.gradients, *remembered]
        return sum(one.nbytes for one in tensors if isinstance(one, Tensor))


@dataclass
class Run:
    """One model with its optimizer, its clearing policy and its learning rate.

    ``lr`` is the rate before the schedule; ``parts`` the number of backwards a step.
    """

    model: nn.Module
    optimizer: Optimizer
    clearing: Clearing
    lr: float
    parts: int = 1

    def scale_lr(self, factor: float) -> None:
        """Let the optimizer use ``lr`` times ``factor``."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * factor

    def state(self) -> RunState:
        """A copy of it as it is now, between two steps."""
        parameters = list(self.model.parameters())
        return RunState(
            weights=[p.detach().clone() for p in parameters],
            buffers=[buffer.clone() for buffer in self.model.buffers()],
            gradients=[None if p.grad is None else p.grad.clone() for p in parameters],
            optimizer=[copy.deepcopy(self.optimizer.state.get(p, {})) for p in parameters],
            groups=[
                {name: value for name, value in group.items() if name != "params"}
                for group in self.optimizer.param_groups
            ],
            clearing=self.clearing,
            lr=self.lr,
            parts=self.parts,
        )

    @torch.no_grad()
    def restore(self, state: RunState) -> None:
        """Go back to ``state``, bit for bit; it stays usable."""
        self.optimizer.state.clear()
        for parameter, weight, gradient, remembered in zip(
            self.model.parameters(), state.weights, state.gradients, state.optimizer, strict=True
        ):
            parameter.copy_(weight)
            parameter.grad = None if gradient is None else gradient.clone()
            if remembered:
                self.optimizer.state[parameter] = copy.deepcopy(remembered)
        for buffer, content in zip(self.model.buffers(), state.buffers, strict=True):
            buffer.copy_(content)
        for group, values in zip(self.optimizer.param_groups, state.groups, strict=True):
            group.update(values)
        self.clearing, self.lr, self.parts = state.clearing, state.lr, state.parts


def make_run(model: nn.Module, settings: Settings, name: RunName) -> Run:
    """Run ``name`` of the filled-in ``settings``, about to train ``model``.

    Raises:
        UsageError: the optimizer does not take these settings.
    """
    run = settings.run(name)
    assert run.lr is not None
    assert settings.optimizer is not None
    optimizer = make_optimizer(
        settings.optimizer,
        model.parameters(),
        lr=run.lr,
        momentum=settings.momentum,
        nesterov=settings.nesterov,
        weight_decay=settings.weight_decay,
    )
    return Run(model, optimizer, run.clear, run.lr, run.accumulate)


TWIN = "T"
"""Its name in the log."""


def make_twin(model: nn.Module, settings: Settings) -> Run:
    """The twin of run B of the filled-in ``settings``, from the same weights as its ``model``.

    Raises:
        UsageError: the claim does not cover run B.
    """
    run = settings.b
    assert run.lr is not None
    for holds, needed in (
        (settings.optimizer == "SGD", "the optimizer SGD"),
        (not settings.momentum, "no momentum of its own"),
        (not settings.weight_decay, "no weight decay"),
        (settings.clip is None, "no clipping"),
        (run.clear == NEVER, "a run B that never clears"),
        (run.accumulate == 1, "one backward a step in run B"),
    ):
        if not holds:
            raise UsageError(f"the momentum-1 twin of run B needs {needed}")
    own = copy.deepcopy(model)
    optimizer = make_optimizer("SGD", own.parameters(), lr=run.lr, momentum=1.0)
    return Run(own, optimizer, EVERY, run.lr)
