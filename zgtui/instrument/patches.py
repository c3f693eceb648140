"""The calls that are wrapped, once torch is imported. Each wrapper calls the original.

Nothing is changed on the user's own objects. Steps are seen through torch's public hooks.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from zgtui.instrument.instrument import Instrument
from zgtui.instrument.observer import Clear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PLAIN = (torch.Tensor, torch.nn.Parameter)
"""Tensors that hold memory; fake and traced ones of torch.compile are of other types."""


def install(instrument: Instrument) -> None:
    """Wrap everything an Instrument must see."""
    _backward(instrument)
    _zero_grad(instrument)
    _fills(instrument)
    _scaler(instrument)
    _exit(instrument)
    original = Optimizer.add_param_group

    @functools.wraps(original)
    def add_param_group(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        instrument.optimizer_made(self)

    Optimizer.add_param_group = add_param_group  # type: ignore[method-assign]  # the point of it
    register_optimizer_step_pre_hook(instrument.step_begins)
    register_optimizer_step_post_hook(instrument.step_ended)


def _backward(instrument: Instrument) -> None:
    original = torch.autograd.backward

    @functools.wraps(original)
    def backward(tensors: Any, grad_tensors: Any = None, *args: Any, **kwargs: Any) -> None:
        if not instrument.on:
            return original(tensors, grad_tensors, *args, **kwargs)
        inputs = kwargs.get("inputs", args[3] if len(args) > 3 else None)
        caller = sys._getframe(1)  # noqa: SLF001 - the documented way to a frame
        call = instrument.backward_begins(tensors, grad_tensors, inputs, caller)
        try:
            original(tensors, grad_tensors, *args, **kwargs)
        except Exception:
            if call is not None:
                call.failed = True
            raise
        finally:
            instrument.backward_ended(call)

    torch.autograd.backward = backward


def count_grads(instrument: Instrument) -> None:
    """Wrap ``torch.autograd.grad``, whose gradients no clearing concerns."""
    original = torch.autograd.grad

    @functools.wraps(original)
    def grad(*args: Any, **kwargs: Any) -> Any:
        if instrument.on and not instrument.depth:
            instrument.grad_called()
        return original(*args, **kwargs)

    torch.autograd.grad = grad


def _zero_grad(instrument: Instrument) -> None:
    of_optimizer, of_module = Optimizer.zero_grad, torch.nn.Module.zero_grad

    @functools.wraps(of_optimizer)
    def optimizer_zero_grad(self: Optimizer, set_to_none: bool = True) -> None:  # noqa: FBT001, FBT002 - torch's own signature
        if not (instrument.on and instrument.hears_of_clearing) or instrument.allows(
            Clear("optimizer", self, in_place=not set_to_none)
        ):
            of_optimizer(self, set_to_none)

    @functools.wraps(of_module)
    def module_zero_grad(self: torch.nn.Module, set_to_none: bool = True) -> None:  # noqa: FBT001, FBT002 - torch's own signature
        if not (instrument.on and instrument.hears_of_clearing) or instrument.allows(
            Clear("module", self, in_place=not set_to_none)
        ):
            of_module(self, set_to_none)

    Optimizer.zero_grad = optimizer_zero_grad  # type: ignore[method-assign]  # the point of it
    torch.nn.Module.zero_grad = module_zero_grad  # type: ignore[method-assign]  # the point of it


def _fills(instrument: Instrument) -> None:
    zero, fill = torch.Tensor.zero_, torch.Tensor.fill_
    function, foreach = torch.zero_, torch._foreach_zero_

    def may(tensor: Any) -> bool:
        if not instrument.on or type(tensor) not in PLAIN or tensor.layout is not torch.strided:
            return True
        return instrument.tensor_cleared(tensor) is not False

    @functools.wraps(zero)
    def zero_(self: torch.Tensor) -> torch.Tensor:
        return zero(self) if may(self) else self

    @functools.wraps(fill)
    def fill_(self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        value = args[0] if args else kwargs.get("value")
        number = isinstance(value, int | float) and value == 0
        return fill(self, *args, **kwargs) if not number or may(self) else self

    @functools.wraps(function)
    def zero_function(tensor: torch.Tensor) -> torch.Tensor:
        return function(tensor) if may(tensor) else tensor

    @functools.wraps(foreach)
    def foreach_zero(tensors: Sequence[torch.Tensor]) -> None:
        allowed = [tensor for tensor in tensors if may(tensor)]
        if allowed:
            foreach(allowed)

    torch.Tensor.zero_ = zero_  # type: ignore[method-assign, assignment]  # the point of it
    torch.Tensor.fill_ = fill_  # type: ignore[method-assign, assignment]  # the point of it
    torch.zero_ = zero_function  # type: ignore[assignment]  # the point of it
    torch._foreach_zero_ = foreach_zero  # type: ignore[assignment]


def _scaler(instrument: Instrument) -> None:
    amp: Any = torch.amp if hasattr(torch.amp, "grad_scaler") else torch.cuda.amp  # before 2.3
    scaler = amp.grad_scaler.GradScaler
    scale, step = scaler.scale, scaler.step

    @functools.wraps(scale)
    def scaled(self: Any, outputs: Any) -> Any:
        result = scale(self, outputs)
        instrument.scaled(outputs, result)
        return result

    @functools.wraps(step)
    def stepped(self: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        before = instrument.updates
        try:
            result = step(self, optimizer, *args, **kwargs)
        except AssertionError:  # how it says that it has nothing to scale back
            if all(p.grad is None for group in optimizer.param_groups for p in group["params"]):
                instrument.step_refused(optimizer)
            raise
        if instrument.updates == before:
            instrument.step_skipped(optimizer)
        return result

    scaler.scale = scaled
    scaler.step = stepped


def _exit(instrument: Instrument) -> None:
    leave: Callable[[int], Any] = os._exit

    @functools.wraps(leave)
    def _exit(status: int) -> Any:
        instrument.ends()
        return leave(status)

    os._exit = _exit
