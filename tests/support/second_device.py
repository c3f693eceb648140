"""A device beside the processor, on a machine that has none.

Its tensors hold theirs where nothing but the device's own operations comes at them: an operation on
tensors of both is refused, as a GPU does, and the processor waits where it wants a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

NAME = "meta"
"""Of the devices that PyTorch knows, one that every build has and that computes nothing itself."""
aten = torch.ops.aten
COPIES = {aten._to_copy.default, aten.copy_.default}
WAITING = {
    aten._local_scalar_dense.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten.equal.default,
}


def _out_of_reach(_cls: type, func: Any, *_: Any) -> Any:
    raise AssertionError(f"{func} where there is no such device")


class OnDevice(Tensor):
    """A tensor of the device; ``held`` is what it holds."""

    held: Tensor

    __torch_dispatch__: Any = classmethod(_out_of_reach)


def on_device(held: Tensor) -> OnDevice:
    """One that holds ``held``."""
    made: OnDevice = Tensor._make_wrapper_subclass(
        OnDevice,
        held.size(),
        strides=held.stride(),
        storage_offset=held.storage_offset(),
        dtype=held.dtype,
        device=torch.device(NAME),
    )
    made.held = held
    return made


class SecondDevice(TorchDispatchMode):
    """Has it inside. It lacks double precision, as an Apple GPU does."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it so
        self.waits: list[str] = []
        """What the processor had to wait for."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        given: list[Tensor] = []
        tree_map_only(Tensor, given.append, (args, kwargs))
        ours = [one for one in given if isinstance(one, OnDevice)]
        device = kwargs.get("device")
        goes = ours[0].device if device is None and ours else torch.device(device or "cpu")
        if not ours and goes.type != NAME:
            return func(*args, **kwargs)
        if func in COPIES:
            goes = goes if func is aten._to_copy.default else args[1].device
            waits = args[0].device.type != goes.type and not _non_blocking(func, args, kwargs)
        else:
            strange = [one for one in given if not isinstance(one, OnDevice) and one.dim()]
            assert not strange, f"{func} got tensors of two devices"
            waits = func in WAITING
        if waits:
            self.waits.append(str(func))
        if "device" in kwargs:
            kwargs["device"] = torch.device("cpu")
        result = func(*tree_map_only(Tensor, _held, args), **tree_map_only(Tensor, _held, kwargs))
        leaves = func is aten._to_copy.default and goes.type != NAME
        return result if leaves else self._handed_out(given, result)

    def _handed_out(self, given: Sequence[Tensor], result: Any) -> Any:
        """What was given comes back as it was given; what is new is of the device."""
        known = {id(_held(one)): one for one in given}

        def handed(one: Tensor) -> Tensor:
            if id(one) in known:
                return known[id(one)]
            if one.dtype == torch.float64:
                raise TypeError("the device has no float64")
            return on_device(one)

        return tree_map_only(Tensor, handed, result)


def _held(one: Tensor) -> Tensor:
    return one.held if isinstance(one, OnDevice) else one


def _non_blocking(func: Any, args: Any, kwargs: Any) -> bool:
    at = 2 if func is aten.copy_.default else len(args)
    return bool(kwargs.get("non_blocking", args[at] if len(args) > at else False))
