"""What happens around the calls that matter, and to whom it is told.

The patches call an Instrument; it keeps apart outermost and nested calls and tells its observers
in turn. An error of ours ends the observation and says so; it never reaches the user's script.
Several threads may train at the same time: what is under way is known of each, and they are told of
one after the other.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import traceback
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from zgtui.errors import ZgtuiError
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.registry import Registry
from zgtui.instrument.sites import innermost
from zgtui.instrument.threads import LOCK
from zgtui.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from torch import Tensor
    from torch.optim import Optimizer

    Method = TypeVar("Method", bound=Callable[..., Any])


CLOSURES = (FunctionType, MethodType, functools.partial)
"""What a step is given is a closure where it is one of these; other callables may be models."""
EVENTS = (
    "backward_begins",
    "backward_nests",
    "backward_ended",
    "step_begins",
    "step_ended",
    "step_skipped",
    "step_refused",
    "closure_begins",
    "closure_ended",
    "optimizer_made",
    "scaled",
    "clears",
    "allows",
    "grad_called",
    "ends",
)


def guarded(method: Method) -> Method:
    """Switch observation off on any error of ``method``, instead of raising it.

    One thread at a time: observers need not know of others.
    """

    @functools.wraps(method)
    def call(self: Instrument, *args: Any) -> Any:
        if not self.on:
            return None
        with LOCK:
            try:
                return method(self, *args)
            except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
                self.switch_off(error)
                return None

    return call  # type: ignore[return-value]  # the wrapper has the method's own signature


def _reason(error: BaseException) -> str:
    """A sentence as it is; of anything else what and where it was."""
    if isinstance(error, ZgtuiError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({os.path.basename(at.filename)}:{at.lineno})" for at in place)  # noqa: PTH119 - a plain string
    return f"{type(error).__name__}: {error}{where}"


def in_engine() -> bool:
    """Whether a backward runs in this thread; torch starts some of its own for that."""
    return torch._C._current_graph_task_id() >= 0  # noqa: SLF001 - torch.utils.checkpoint asks so


def _several(one: Any) -> Sequence[Any]:
    return one if isinstance(one, (list, tuple)) else (one,)


class _UnderWay(threading.local):
    """What one thread of the script is doing."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.backwards: list[bool] = []
        """Backwards running inside one another, each with whether it is the outermost."""
        self.updates = 0
        """Optimizer steps done."""
        self.steps: list[Optimizer] = []
        self.evaluations = 0


class Instrument:
    """Told by the patches; tells the observers."""

    def __init__(self) -> None:
        self.on = True
        self.failure: BaseException | None = None
        """What has ended the observation."""
        self.registry = Registry()
        self._told: dict[str, list[Callable[..., Any]]] = {}
        self.observe([])
        self.backwards = 0
        """Outermost backwards begun."""
        self._here = _UnderWay()
        self._running: set[int] = set()
        """The threads in which an outermost backward is under way."""

    @property
    def depth(self) -> int:
        """Backwards that this thread runs inside one another; 1 in the outermost.

        Torch has threads of its own that run a backward for the one that called it.
        """
        return len(self._here.backwards) or int(bool(self._running) and in_engine())

    @property
    def updates(self) -> int:
        """Optimizer steps that this thread has done."""
        return self._here.updates

    def observe(self, observers: Sequence[Observer]) -> None:
        """Tell ``observers`` from now on, in this order; each only what it listens to."""
        self.observers = list(observers)
        self._told = {
            name: [
                getattr(observer, name)
                for observer in self.observers
                if getattr(type(observer), name) is not getattr(Observer, name)
            ]
            for name in EVENTS
        }
        self.hears_of_clearing = bool(self._told["clears"] or self._told["allows"])

    def switch_off(self, error: BaseException) -> None:
        """End the observation for good; the script goes on as it is."""
        self.on, self.failure = False, error
        reason = _reason(error)
        for observer in self.observers:
            try:
                observer.off(reason)
            except Exception as again:  # noqa: BLE001 - nothing is left to tell it to but stderr
                reason += f"; {again}"
        sys.stderr.write(f"zgtui: observation of this script is off: {printable(reason)}\n")

    def backward_begins(
        self, tensors: Any, weights: Any, inputs: Any = None, caller: FrameType | None = None
    ) -> Backward | None:
        """Before any backward, which ``caller`` calls; returns None for a nested one.

        It is counted even where observation ends, or begins, while it runs.
        """
        here = self._here
        is_outermost = not here.backwards and not (self._running and in_engine())
        here.backwards.append(is_outermost)
        if not is_outermost:
            self._backward_nests(_several(tensors))
            return None
        self._running.add(here.thread)
        return self._backward_begins(tensors, weights, inputs, caller)

    @guarded
    def _backward_nests(self, tensors: Sequence[Any]) -> None:
        for tell in self._told["backward_nests"]:
            tell(tensors)

    @guarded
    def _backward_begins(
        self, tensors: Any, weights: Any, inputs: Any, caller: FrameType | None
    ) -> Backward:
        self.backwards += 1
        registry = self.registry
        registry.turn += 1
        if registry.alone != self._here.thread:
            registry.begins()
        call = Backward(
            _several(tensors),
            None if weights is None else _several(weights),
            innermost(caller),
            None if inputs is None else _several(inputs),
        )
        for tell in self._told["backward_begins"]:
            tell(call)
        return call

    def backward_ended(self, call: Backward | None) -> None:
        """After any backward, also one that raised."""
        here = self._here
        if here.backwards.pop():
            self._running.discard(here.thread)
        self.registry.turn += 1
        if call is not None and self._told["backward_ended"]:
            self._backward_ended(call)

    @guarded
    def _backward_ended(self, call: Backward) -> None:
        for tell in self._told["backward_ended"]:
            tell(call)

    @guarded
    def step_begins(self, optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        """An optimizer's step pre-hook: returns its arguments with the closure wrapped."""
        here = self._here
        if optimizer in here.steps:  # an earlier step of it ended by an exception
            del here.steps[here.steps.index(optimizer) :]
        here.steps.append(optimizer)
        here.evaluations = 0
        registry = self.registry
        registry.turn += 1
        if registry.alone != here.thread or id(optimizer) not in registry.settled:
            registry.trains(optimizer)
        for tell in self._told["step_begins"]:
            tell(optimizer)
        if len(args) > 1 and _is_closure(optimizer, args[1]):
            return (args[0], self._counted(optimizer, args[1]), *args[2:]), kwargs
        if kwargs and _is_closure(optimizer, kwargs.get("closure")):
            return args, {**kwargs, "closure": self._counted(optimizer, kwargs["closure"])}
        return None

    def _counted(self, optimizer: Optimizer, closure: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(closure)
        def counted(*args: Any, **kwargs: Any) -> Any:  # a step of the script's own may pass some
            self._closure_begins(optimizer)
            result = closure(*args, **kwargs)
            self._closure_ended(optimizer)
            return result

        return counted

    @guarded
    def _closure_begins(self, optimizer: Optimizer) -> None:
        self._here.evaluations += 1
        for tell in self._told["closure_begins"]:
            tell(optimizer, self._here.evaluations)

    @guarded
    def _closure_ended(self, optimizer: Optimizer) -> None:
        for tell in self._told["closure_ended"]:
            tell(optimizer)

    @guarded
    def step_ended(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:
        """An optimizer's step post-hook."""
        here = self._here
        here.updates += 1
        if optimizer in here.steps:
            del here.steps[here.steps.index(optimizer) :]
        self.registry.turn += 1
        is_outermost = not here.steps
        for tell in self._told["step_ended"]:
            tell(optimizer, outermost=is_outermost)

    @guarded
    def step_skipped(self, optimizer: Optimizer) -> None:
        """After a GradScaler left out the step of ``optimizer``."""
        for tell in self._told["step_skipped"]:
            tell(optimizer)

    @guarded
    def step_refused(self, optimizer: Optimizer) -> None:
        """After a GradScaler raised an error for ``optimizer``, which has no gradients."""
        for tell in self._told["step_refused"]:
            tell(optimizer)

    @guarded
    def optimizer_made(self, optimizer: Optimizer) -> None:
        """After a parameter group was added to ``optimizer``."""
        self.registry.add(optimizer)
        for tell in self._told["optimizer_made"]:
            tell(optimizer)

    @guarded
    def scaled(self, original: Any, result: Any) -> None:
        """After a GradScaler scaled a loss."""
        for tell in self._told["scaled"]:
            tell(original, result)

    @guarded
    def grad_called(self) -> None:
        """``torch.autograd.grad`` was called."""
        for tell in self._told["grad_called"]:
            tell()

    def allows(self, clear: Clear) -> bool:
        """Whether the script may clear; asked by the patches before they let it."""
        if clear.how != "tensor" and self._told["clears"]:
            self._clears(clear)
        return not self._told["allows"] or self._asked(clear) is not False

    @guarded
    def _clears(self, clear: Clear) -> None:
        self.registry.cleared_by.add(threading.get_ident())
        if clear.how == "optimizer":
            self.registry.trains(clear.target)
        for tell in self._told["clears"]:
            tell(clear)

    @guarded
    def _asked(self, clear: Clear) -> bool:
        answers = [ask(clear) for ask in self._told["allows"]]
        return all(answers)

    @guarded
    def tensor_cleared(self, tensor: Tensor) -> bool:
        """Whether ``tensor`` may be filled with zeros; it may be a gradient, or anything."""
        if self.depth or not self._told["allows"]:
            return True
        owners = self.registry.owners(tensor)
        return not owners or self.allows(Clear("tensor", owners, in_place=True))

    @guarded
    def ends(self) -> None:
        """The process is about to end."""
        for tell in self._told["ends"]:
            tell()


def _is_closure(optimizer: Optimizer, given: object) -> bool:
    """Whether a step is given a closure; one of the script's own may be given a model instead."""
    if isinstance(given, CLOSURES):
        return True
    return callable(given) and type(optimizer).__module__.startswith("torch.optim")
