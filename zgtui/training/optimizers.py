"""Optimizers by name, with the settings that they have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import nn
from torch.optim import Optimizer

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
        names = sorted(entry.__name__ for entry in known.values())
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
) -> Optimizer:
    """An optimizer for ``parameters``; None leaves a setting to the optimizer's own default.

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
    make = cast("Callable[..., Optimizer]", kind)
    try:
        return make(parameters, lr=lr, **options)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{kind.__name__} does not take these settings: {error}") from error
