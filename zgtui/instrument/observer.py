"""What an observer of a script's training may be told, and in which words."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zgtui.instrument.sites import call_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.registry import Watched
    from zgtui.instrument.sites import Stack


@dataclass(eq=False)
class Backward:
    """One outermost backward: what was handed to it, and from where.

    ``inputs`` are the only tensors whose gradients it is to compute; None where it is for all.
    ``failed`` says, once it has ended, that it did by an exception.
    """

    tensors: Sequence[Tensor]
    weights: Sequence[Tensor | None] | None
    frame: FrameType | None
    inputs: Sequence[Tensor] | None = None
    failed: bool = False

    @functools.cached_property
    def stack(self) -> Stack:
        """The user's frames of the call; read while it runs."""
        return call_stack()


@dataclass(frozen=True)
class Clear:
    """The script is about to clear gradients: by ``zero_grad()`` or by hand."""

    how: Literal["optimizer", "module", "tensor"]
    target: Any
    """The optimizer, the module, or the parameters whose gradients are filled with zeros."""
    in_place: bool

    def tensors(self) -> Iterator[Tensor]:
        """Every parameter concerned."""
        if self.how == "optimizer":
            for group in self.target.param_groups:
                yield from group["params"]
        else:
            yield from self.target.parameters() if self.how == "module" else self.target

    @functools.cached_property
    def params(self) -> set[int]:
        """The ``id`` of every parameter concerned."""
        return set(map(id, self.tensors()))

    def takes(self, watched: Watched, params: list[Tensor]) -> bool:
        """Whether it concerns all ``params`` of ``watched``, as far as can be told at once."""
        if self.how != "optimizer" or watched.optimizer is None:
            return False
        optimizer = watched.optimizer()
        return optimizer is self.target and len(params) > 0


class Observer:
    """What an observer may be told; each method's default does nothing.

    ``step`` calls come for nested optimizers too, the outer one first.
    """

    def backward_begins(self, call: Backward) -> None:
        """Before an outermost backward."""

    def backward_nests(self, tensors: Sequence[Tensor]) -> None:
        """Before a backward from ``tensors`` inside another, as of checkpointing."""

    def backward_ended(self, call: Backward) -> None:
        """After it, whether it succeeded or not."""

    def step_begins(self, optimizer: Optimizer) -> None:
        """Before the update of ``optimizer``."""

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """After it; the closures of the step, if any, have run."""

    def step_skipped(self, optimizer: Optimizer) -> None:
        """A GradScaler found infinite gradients and left the step out."""

    def step_refused(self, optimizer: Optimizer) -> None:
        """A GradScaler found no gradients at all, and raised an error instead of a step."""

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The closure of a step is called, ``evaluation`` counted from 1 in each step."""

    def closure_ended(self, optimizer: Optimizer) -> None:
        """The closure has returned; the gradients are those that the step is going to use."""

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """An optimizer was made, or was given another parameter group."""

    def scaled(self, original: Any, result: Any) -> None:
        """A GradScaler made ``result`` of ``original``."""

    def clears(self, clear: Clear) -> None:
        """Before a ``zero_grad()`` of an optimizer or a module."""

    def allows(self, clear: Clear) -> bool:
        """Asked before each clearing that a call does; False forbids it."""
        return True

    def grad_called(self) -> None:
        """``torch.autograd.grad`` was called; told only where that is watched."""

    def ends(self) -> None:
        """The process is about to end."""

    def off(self, reason: str) -> None:
        """Observation has ended early."""
