"""Whether runs can be trained together and come out bit for bit as each would alone.

What is not known to is refused: modules, losses and optimizers that are not PyTorch's own or this
project's, hooks, which could see in which order things happen, and anything two runs share.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer, optimizer

if TYPE_CHECKING:
    from zgtui.training.run import Run
    from zgtui.training.step import Criterion

KNOWN = ("torch.nn.modules.", "torch.nn.functional", "zgtui.experiments.")
"""Where modules and losses compute from their weights, buffers and inputs, and nothing else."""
TORCH = str(Path(torch.__file__).parent)
MODULE_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
TENSOR_HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


def joinable(runs: Sequence[Run], criterion: Criterion) -> bool:
    """Whether all of ``runs``, with the loss ``criterion``, can be trained together on the CPU."""
    return not obstacle(runs, criterion, "cpu")


def obstacle(runs: Sequence[Run], criterion: Criterion, device: str) -> str:
    """Why they cannot on a kind of device, such as ``cuda``, as a clause; empty where they can."""
    modules = [module for run in runs for module in run.model.modules()]
    modules += [criterion] if isinstance(criterion, nn.Module) else []
    strange = next((type(one).__name__ for one in modules if not _is_known(one)), "")
    found = {
        "hooks are registered": any(chain(_global_hooks(), *map(_hooks, runs))),
        "a PyTorch function has been replaced": not _nothing_patched(),
        f"{strange} is not a built-in PyTorch module": strange,
        "the loss is not a built-in PyTorch loss": not (
            isinstance(criterion, nn.Module) or _is_ours(criterion)
        ),
        "the optimizer is not a built-in PyTorch optimizer": any(
            bare_step(run.optimizer) is None for run in runs
        ),
        "the optimizer has several parameter groups, or leaves some parameters out": not all(
            _takes_all(run, device) for run in runs
        ),
        "both runs share tensors": not _share_nothing(runs),
    }
    return next((why for why, is_so in found.items() if is_so), "")


def _nothing_patched() -> bool:
    """Whether what a step calls beside model, loss and optimizer is PyTorch's own."""
    called: list[Callable[..., Any]] = [Tensor.backward, torch.autograd.backward]
    return all(map(_is_torchs, [*called, Optimizer.zero_grad]))


def bare_step(one: Optimizer) -> Callable[..., object] | None:
    """The step of its class without the calls of hooks, the profiler and ``no_grad`` around it.

    None where it is not PyTorch's own.
    """
    kind = type(one)
    step: Callable[..., object] = kind.step
    if "step" in vars(one) or "zero_grad" in vars(one) or not _is_torchs(step):
        return None
    return inspect.unwrap(step) if kind.__module__.startswith("torch.optim") else None


def _is_torchs(function: Callable[..., Any]) -> bool:
    """Whether it, and all that is wrapped around it, stands in a file of PyTorch."""
    layers = [function]
    while hasattr(layers[-1], "__wrapped__"):
        layers.append(layers[-1].__wrapped__)
    return all(
        isinstance(layer, FunctionType) and layer.__code__.co_filename.startswith(TORCH)
        for layer in layers
    )


def _is_known(module: nn.Module) -> bool:
    """Whether it is exactly of a class known; gradients that are sparse are added otherwise."""
    own = vars(module)
    return (
        type(module).__module__.startswith(KNOWN)
        and "forward" not in own
        and not own.get("sparse", False)
        and not any(getattr(module, name) for name in MODULE_HOOKS)
    )


def _is_ours(criterion: Criterion) -> bool:
    return isinstance(criterion, FunctionType) and criterion.__module__.startswith(KNOWN)


def _takes_all(run: Run, device: str) -> bool:
    """Whether the optimizer has all parameters of the model in one group, plain ones there."""
    groups = [group["params"] for group in run.optimizer.param_groups]
    parameters = list(run.model.parameters())
    return (
        len(groups) == 1
        and list(map(id, groups[0])) == list(map(id, parameters))
        and all(type(p) is nn.Parameter and p.device.type == device for p in parameters)
    )


def _share_nothing(runs: Sequence[Run]) -> bool:
    """Whether no tensor of one run lies where one of another does."""
    places = [
        {one.untyped_storage().data_ptr() for one in _tensors(run) if one.nbytes} for run in runs
    ]
    return len(set().union(*places)) == sum(map(len, places))


def _tensors(run: Run) -> Iterable[Tensor]:
    return chain(run.model.parameters(), run.model.buffers())


def _hooks(run: Run) -> Iterable[Any]:
    """All that are registered on its optimizer and its parameters."""
    own = vars(run.optimizer)
    yield from (own.get(f"_optimizer_step_{when}_hooks") for when in ("pre", "post"))
    for parameter in run.model.parameters():
        yield from (getattr(parameter, name, None) for name in TENSOR_HOOKS)


def _global_hooks() -> Iterable[Any]:
    """Those of all modules and of all optimizers."""
    for module in (nn.modules.module, optimizer):
        yield from (
            value
            for name, value in vars(module).items()
            if name.startswith("_global_") and name.endswith("_hooks")
        )
