"""Optimizers by name, with the settings that they have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from zgtui.errors import UsageError, suggest

UNFIT = {
    "LBFGS": "it calls the loss several times a step, which no single zero_grad() line shows",
    "SparseAdam": "it takes sparse gradients, and these models have dense ones",
}
"""Optimizers that this loop cannot drive, and why."""


def optimizer_class(name: str) -> type[Optimizer]:
    """The class of torch.optim called ``name``, whatever the case of its letters.

    Raises:
        UsageError: if there is none, or this loop cannot drive it.
    """
    known = {
        entry.__name__.lower(): entry
        for entry in vars(torch.optim).values()
        if isinstance(entry, type) and issubclass(entry, Optimizer) and entry is not Optimizer
    }
    found = known.get(name.lower())
    if found is None:
        names = sorted({entry.__name__ for entry in known.values()} - UNFIT.keys())
        raise UsageError(
            f"torch.optim has no optimizer {name!r}.{suggest(name, names)}"
            f" Available: {', '.join(names)}"
        )
    if found.__name__ in UNFIT:
        raise UsageError(f"{found.__name__} cannot be used here: {UNFIT[found.__name__]}")
    return found


def make_optimizer(  # noqa: PLR0913 - the settings that optimizers have
    name: str,
    parameters: Iterable[nn.Parameter],
    *,
    lr: float,
    momentum: float | None = None,
    nesterov: bool = False,
    weight_decay: float | None = None,
    graphs: bool = False,
    scheduled: bool = False,
) -> Optimizer:
    """An optimizer for ``parameters``; None leaves a setting to the optimizer's own default.

    With ``graphs`` it is made so that its steps can be captured in CUDA graphs, where it can be:
    it counts them on the GPU, and has a rate that is ``scheduled`` in a tensor.

    Nesterov runs without ``foreach``: that implementation changes ``.grad`` in place where there
    is no weight decay, so that a run which never clears would depend on it.

    Raises:
        UsageError: if it has no such setting, or does not take its value.
    """
    kind = optimizer_class(name)
    accepted = inspect.signature(kind).parameters
    options: dict[str, Any] = {"momentum": momentum, "weight_decay": weight_decay}
    options = {setting: value for setting, value in options.items() if value is not None}
    if nesterov:
        options |= {"nesterov": True, "foreach": False}
    for setting, value in options.items():
        if value and setting not in accepted:
            raise UsageError(f"{kind.__name__} has no {setting.replace('_', ' ')}")
    options = {setting: value for setting, value in options.items() if setting in accepted}
    options["lr"] = lr
    parameters = list(parameters)
    if graphs:
        options |= _for_graphs(kind, parameters, lr, scheduled=scheduled)
    make = cast("Callable[..., Optimizer]", kind)
    try:
        made = make(parameters, **options)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{kind.__name__} does not take these settings: {error}") from error
    if "capturable" in options:
        # Its first steps are done without a graph, of which PyTorch would warn.
        vars(made)["_warned_capturable_if_run_uncaptured"] = True
    return made


def _for_graphs(
    kind: type[Optimizer], parameters: list[nn.Parameter], lr: float, *, scheduled: bool
) -> dict[str, Any]:
    """With what steps of ``kind`` can be captured; nothing where that is not known.

    SGD has nothing to count, and its fused implementation alone takes a rate from a tensor without
    waiting for the GPU (pytorch #106802), in single precision.
    """
    accepted = inspect.signature(kind).parameters
    fused = kind is SGD and scheduled and "fused" in accepted
    if not fused and "capturable" not in accepted:
        return {}
    double = not fused and all(p.dtype == torch.float64 for p in parameters)
    dtype = torch.float64 if double else torch.float32
    rate = torch.tensor(lr, dtype=dtype, device=parameters[0].device) if scheduled else lr
    return {"lr": rate, **({"fused": True} if fused else {"capturable": True})}


def rate_tensor(optimizer: Optimizer) -> Tensor | None:
    """The tensor from which ``optimizer``, of one group, reads its rate; None where it has none."""
    lr = optimizer.param_groups[0]["lr"]
    return lr if isinstance(lr, Tensor) else None


def set_rate(optimizer: Optimizer, lr: float) -> None:
    """Let its next steps be done at the rate ``lr``; a tensor keeps its place."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr
