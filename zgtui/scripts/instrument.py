"""What happens around the calls that matter, and to whom it is told.

The patches call an Instrument; it keeps apart outermost and nested calls and tells its observers
in turn. An error of ours ends the observation and says so; it never reaches the user's script.
"""

from __future__ import annotations

import functools
import os
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from zgtui.scripts.registry import Registry
from zgtui.scripts.sites import call_stack, innermost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.scripts.sites import Stack

    Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(eq=False)
class Backward:
    """One outermost backward: what was handed to it, and from where."""

    tensors: Sequence[Tensor]
    weights: Sequence[Tensor | None] | None
    frame: FrameType | None

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

    @functools.cached_property
    def params(self) -> set[int]:
        """The ``id`` of every parameter concerned."""
        if self.how == "optimizer":
            groups = self.target.param_groups
            return {id(param) for group in groups for param in group["params"]}
        if self.how == "module":
            return {id(param) for param in self.target.parameters()}
        return {id(param) for param in self.target}


class Observer:
    """What an observer may be told; each method's default does nothing.

    ``step`` calls come for nested optimizers too, the outer one first.
    """

    def backward_begins(self, call: Backward) -> None:
        """Before an outermost backward."""

    def backward_ended(self, call: Backward) -> None:
        """After it, whether it succeeded or not."""

    def step_begins(self, optimizer: Optimizer) -> None:
        """Before the update of ``optimizer``."""

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """After it; the closures of the step, if any, have run."""

    def step_skipped(self, optimizer: Optimizer) -> None:
        """A GradScaler found infinite gradients and left the step out."""

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The closure of a step is called, ``evaluation`` counted from 1 in each step."""

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """An optimizer was made, or was given another parameter group."""

    def scaled(self, original: Any, result: Any) -> None:
        """A GradScaler made ``result`` of ``original``."""

    def allows(self, clear: Clear) -> bool:
        """Asked before each clearing that a call does; False forbids it."""
        return True

    def ends(self) -> None:
        """The process is about to end."""

    def off(self, reason: str) -> None:
        """Observation has ended early."""


def guarded(method: Method) -> Method:
    """Switch observation off on any error of ``method``, instead of raising it."""

    @functools.wraps(method)
    def call(self: Instrument, *args: Any, **kwargs: Any) -> Any:
        if not self.on:
            return None
        try:
            return method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
            self.switch_off(error)
            return None

    return call  # type: ignore[return-value]  # the wrapper has the method's own signature


class Instrument:
    """Told by the patches; tells the observers."""

    def __init__(self) -> None:
        self.on = True
        self.registry = Registry()
        self.observers: list[Observer] = []
        self.depth = 0
        """Backwards running inside one another; 1 in the outermost."""
        self.updates = 0
        """Optimizer steps done."""
        self._steps: list[Optimizer] = []
        self._evaluations = 0

    def switch_off(self, error: BaseException) -> None:
        """End the observation for good; the script goes on as it is."""
        self.on = False
        place = traceback.extract_tb(error.__traceback__)[-1:]
        where = "".join(f" ({os.path.basename(at.filename)}:{at.lineno})" for at in place)  # noqa: PTH119 - a plain string
        reason = f"{type(error).__name__}: {error}{where}"
        for observer in self.observers:
            try:
                observer.off(reason)
            except Exception as again:  # noqa: BLE001 - nothing is left to tell it to but stderr
                reason += f"; {again}"
        sys.stderr.write(f"zgtui: observation of this script is off: {reason}\n")

    @guarded
    def backward_begins(self, tensors: Any, weights: Any) -> Backward | None:
        """Before any backward; returns None for a nested one."""
        self.depth += 1
        if self.depth > 1:
            return None
        several = tensors if isinstance(tensors, list | tuple) else (tensors,)
        if weights is not None and not isinstance(weights, list | tuple):
            weights = (weights,)
        call = Backward(several, weights, innermost())
        self.registry.moved_on()
        for observer in self.observers:
            observer.backward_begins(call)
        return call

    @guarded
    def backward_ended(self, call: Backward | None) -> None:
        """After any backward, also one that raised."""
        self.depth -= 1
        if call is not None:
            self.registry.moved_on()
            for observer in self.observers:
                observer.backward_ended(call)

    @guarded
    def step_begins(self, optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        """An optimizer's step pre-hook: returns its arguments with the closure wrapped."""
        if optimizer in self._steps:  # an earlier step of it ended by an exception
            del self._steps[self._steps.index(optimizer) :]
        self._steps.append(optimizer)
        self._evaluations = 0
        self.registry.add(optimizer)
        self.registry.moved_on()
        for observer in self.observers:
            observer.step_begins(optimizer)
        if len(args) > 1 and callable(args[1]):
            return (args[0], self._counted(optimizer, args[1]), *args[2:]), kwargs
        if callable(kwargs.get("closure")):
            return args, {**kwargs, "closure": self._counted(optimizer, kwargs["closure"])}
        return None

    def _counted(self, optimizer: Optimizer, closure: Callable[[], Any]) -> Callable[[], Any]:
        @functools.wraps(closure, updated=())
        def counted() -> Any:
            self._closure_begins(optimizer)
            return closure()

        return counted

    @guarded
    def _closure_begins(self, optimizer: Optimizer) -> None:
        self._evaluations += 1
        for observer in self.observers:
            observer.closure_begins(optimizer, self._evaluations)

    @guarded
    def step_ended(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:
        """An optimizer's step post-hook."""
        self.updates += 1
        if optimizer in self._steps:
            del self._steps[self._steps.index(optimizer) :]
        self.registry.moved_on()
        for observer in self.observers:
            observer.step_ended(optimizer, outermost=not self._steps)

    @guarded
    def step_skipped(self, optimizer: Optimizer) -> None:
        """After a GradScaler left out the step of ``optimizer``."""
        for observer in self.observers:
            observer.step_skipped(optimizer)

    @guarded
    def optimizer_made(self, optimizer: Optimizer) -> None:
        """After a parameter group was added to ``optimizer``."""
        self.registry.add(optimizer)
        for observer in self.observers:
            observer.optimizer_made(optimizer)

    @guarded
    def scaled(self, original: Any, result: Any) -> None:
        """After a GradScaler scaled a loss."""
        for observer in self.observers:
            observer.scaled(original, result)

    def allows(self, clear: Clear) -> bool:
        """Whether the script may clear; asked by the patches before they let it."""
        return self._asked(clear) is not False

    @guarded
    def _asked(self, clear: Clear) -> bool:
        answers = [observer.allows(clear) for observer in self.observers]
        return all(answers)

    @guarded
    def tensor_cleared(self, tensor: Tensor) -> bool:
        """Whether ``tensor`` may be filled with zeros; it may be a gradient, or anything."""
        if self.depth:
            return True
        owners = self.registry.owners(tensor)
        return not owners or self.allows(Clear("tensor", owners, in_place=True))

    @guarded
    def ends(self) -> None:
        """The process is about to end."""
        for observer in self.observers:
            observer.ends()
