"""One run: a model with its optimizer and its policy, and how it is put back as it was."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from zgtui.config.settings import EVERY, NEVER, RUNS
from zgtui.errors import UsageError
from zgtui.training.optimizers import make_optimizer, optimizer_class, set_rate

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing, RunName, Settings
    from zgtui.experiments.experiment import Experiment


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
    micro_batches: int

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        remembered = (value for state in self.optimizer for value in state.values())
        tensors = [*self.weights, *self.buffers, *self.gradients, *remembered]
        return sum(one.nbytes for one in tensors if isinstance(one, Tensor))


@dataclass
class Run:
    """One model with its optimizer, its clearing policy and its learning rate.

    ``lr`` is the rate before the schedule; ``micro_batches`` is how many make up a step.
    """

    model: nn.Module
    optimizer: Optimizer
    clearing: Clearing
    lr: float
    micro_batches: int = 1

    def scale_lr(self, factor: float) -> None:
        """Let the optimizer use ``lr`` times ``factor``."""
        set_rate(self.optimizer, self.lr * factor)

    def state(self) -> RunState:
        """A copy of it as it is now, between two steps."""
        parameters = list(self.model.parameters())
        return RunState(
            weights=[p.detach().clone() for p in parameters],
            buffers=[buffer.clone() for buffer in self.model.buffers()],
            gradients=[None if p.grad is None else p.grad.clone() for p in parameters],
            optimizer=[copy.deepcopy(self.optimizer.state.get(p, {})) for p in parameters],
            groups=[
                {name: _copy(value) for name, value in group.items() if name != "params"}
                for group in self.optimizer.param_groups
            ],
            clearing=self.clearing,
            lr=self.lr,
            micro_batches=self.micro_batches,
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
            # A rate in a tensor keeps its place, where graphs read it.
            group.update({name: _into(group[name], value) for name, value in values.items()})
        self.clearing, self.lr, self.micro_batches = state.clearing, state.lr, state.micro_batches


def _copy(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def _into(place: Any, value: Any) -> Any:
    return place.copy_(value) if isinstance(place, Tensor) else value


def fill_in(settings: Settings, experiment: Experiment, device: str) -> Settings:
    """``settings`` with the experiment's defaults where none were given, on ``device``.

    Another optimizer than the experiment's own begins with its own momentum and weight decay.

    Raises:
        UsageError: if they do not fit one another.
    """
    optimizer = optimizer_class(settings.optimizer or experiment.optimizer).__name__
    defaults: dict[str, Any] = {
        "steps": experiment.steps,
        "speed": experiment.speed,
        "batch_size": experiment.batch_size or 0,
    }
    if optimizer == experiment.optimizer:
        defaults |= {"momentum": experiment.momentum, "weight_decay": experiment.weight_decay}
    missing = {name: value for name, value in defaults.items() if getattr(settings, name) is None}
    filled = replace(settings, device=device, optimizer=optimizer, **missing)
    for name in RUNS:
        if filled.run(name).lr is None:
            filled = filled.with_run(name, lr=experiment.lr)
    if filled.steps is not None and filled.steps < 0:
        raise UsageError(f"a number of steps is 0 (no end) or more, not {filled.steps}")
    if filled.schedule != "constant" and not filled.steps:
        raise UsageError(f"the schedule {filled.schedule!r} needs a number of steps to plan for")
    return filled


def make_run(model: nn.Module, settings: Settings, name: RunName, *, graphs: bool = False) -> Run:
    """Run ``name`` of the filled-in ``settings``, about to train ``model``.

    With ``graphs`` its steps are to be captured in CUDA graphs.

    Raises:
        UsageError: if the optimizer does not take these settings.
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
        graphs=graphs,
        scheduled=settings.schedule != "constant",
    )
    return Run(model, optimizer, run.clear, run.lr, run.accumulate)


def make_momentum_twin(model: nn.Module, settings: Settings, *, graphs: bool = False) -> Run:
    """SGD with momentum 1 that clears every step: run B of ``settings`` again (claims.md 1).

    It trains a copy of ``model``, that of run B. ``settings`` are the filled-in ones.

    Raises:
        UsageError: if the claim does not cover run B.
    """
    run = settings.b
    assert run.lr is not None
    for holds, needed in (
        (settings.optimizer == "SGD", "the optimizer SGD"),
        (not settings.momentum, "no momentum of its own"),
        (not settings.weight_decay, "no weight decay"),
        (settings.clip is None, "no clipping"),
        (run.clear == NEVER, "a run B that never clears"),
        (run.accumulate == 1, "no gradient accumulation in run B"),
    ):
        if not holds:
            raise UsageError(f"the momentum-1 twin of run B needs {needed}")
    own = copy.deepcopy(model)
    scheduled = settings.schedule != "constant"
    optimizer = make_optimizer(
        "SGD", own.parameters(), lr=run.lr, momentum=1.0, graphs=graphs, scheduled=scheduled
    )
    return Run(own, optimizer, EVERY, run.lr)
