"""The bookkeeping of the recorder: what the gradients of each optimizer hold at the moment."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from zgtui.check.observations import GradientContents
from zgtui.instrument.registry import local

if TYPE_CHECKING:
    import weakref

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.sites import Site


@dataclass(eq=False)
class Gradient:
    """What the gradient of one parameter holds, as one optimizer sees it."""

    fresh: list[int] = field(default_factory=list)
    applied: int = 0
    oldest: int = 0
    discarded: list[int] = field(default_factory=list)
    left_out: int = 0
    """How many of the fresh ones a step was there for that a GradScaler left out."""
    by_hand: bool = False
    seen: tuple[int, int] = (0, 0)
    """Identity and version of the gradient when it was last looked at; zeros for None."""

    def clear(self) -> list[int]:
        """It was cleared; returns what was thrown away before any step applied it."""
        thrown, self.fresh, self.left_out = self.fresh[self.left_out :], [], 0
        self.discarded += thrown
        self.applied, self.oldest, self.by_hand = 0, 0, False
        return thrown

    def apply(self) -> None:
        """A step has applied it."""
        if self.fresh:
            self.oldest = self.oldest or self.fresh[0]
        self.applied += len(self.fresh)
        self.fresh, self.discarded, self.left_out = [], [], 0

    def leave_out(self) -> None:
        """A step was left out: clearing what it was for throws nothing away."""
        self.left_out, self.discarded = len(self.fresh), []


@dataclass(eq=False)
class TrackedOptimizer:
    """One optimizer, its number, and the gradients in the order of its parameters."""

    number: int
    optimizer: weakref.ref[Optimizer]
    gradients: list[Gradient] = field(default_factory=list)
    steps: int = 0
    held: tuple[GradientContents, ...] = ()
    site: Site | None = None
    closures: int = 0

    def pairs(self) -> list[tuple[Tensor, Gradient]]:
        """Each parameter with its gradient's record; parameters may have been added."""
        optimizer = self.optimizer()
        groups = [] if optimizer is None else optimizer.param_groups
        params = [param for group in groups for param in group["params"]]
        while len(self.gradients) < len(params):
            self.gradients.append(Gradient())
        return list(zip(params, self.gradients, strict=False))


def identity_of(param: Tensor) -> tuple[int, int]:
    """Identity and version of the gradient of ``param``; zeros for None."""
    part = local(param.grad)
    return (0, 0) if part is None else (id(param.grad), part._version)  # noqa: SLF001 - torch documents it and gives it no other name


def holdings_of(followed: TrackedOptimizer) -> tuple[GradientContents, ...]:
    """The gradients of ``followed``, those that hold the same together."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for index, (param, gradient) in enumerate(followed.pairs()):
        key = (
            param.grad is not None,
            tuple(gradient.fresh),
            gradient.applied,
            gradient.oldest,
            tuple(gradient.discarded),
            gradient.by_hand,
        )
        alike.setdefault(key, []).append(index)
    return tuple(GradientContents(tuple(params), *key) for key, params in alike.items())


def names_of_parameters() -> dict[int, str]:
    """The longest name that any module of this process has for each parameter, by ``id``."""
    names: dict[int, str] = {}
    for thing in gc.get_objects():
        # By type: isinstance() may wake up what pretends to be of another class.
        if issubclass(type(thing), torch.nn.Module):
            for name, param in thing.named_parameters():
                if len(name) > len(names.get(id(param), "")):
                    names[id(param)] = name
    return names
