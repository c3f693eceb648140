"""Where the values of a tensor lie: its storage and the bytes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from torch import Tensor

PLAIN = (torch.Tensor, torch.nn.Parameter)


class Extent(NamedTuple):
    """Bytes ``start`` to ``stop`` of ``storage``; ``dense`` where the tensor has all of them."""

    storage: torch.UntypedStorage
    start: int
    stop: int
    dense: bool


def local_part(tensor: Tensor) -> Tensor:
    """The part of a distributed tensor that lies here, the values of a sparse one."""
    part: Tensor = getattr(tensor, "_local_tensor", tensor)
    if part.layout is torch.sparse_coo:
        return part._values()  # noqa: SLF001 - values() needs a coalesced tensor, and copies
    return part


def extent_of(tensor: Tensor) -> Extent | None:
    """The extent of ``tensor``; None where it holds no memory that can be told apart."""
    try:
        if type(tensor) in PLAIN and tensor.layout is torch.strided:
            return _strided(tensor)
        with torch._C.DisableTorchFunctionSubclass():  # noqa: SLF001 - nothing of a subclass is to run
            return _strided(local_part(tensor))
    except (RuntimeError, NotImplementedError, TypeError):
        return None  # traced, functional or opaque: it has no storage


def _strided(tensor: Tensor) -> Extent:
    size, count = tensor.element_size(), int(tensor.numel())
    start = int(tensor.storage_offset()) * size
    storage = tensor.untyped_storage()
    if tensor.is_contiguous():
        return Extent(storage, start, start + count * size, dense=True)
    reach = 1 + sum(
        (int(length) - 1) * int(stride)
        for length, stride in zip(tensor.shape, tensor.stride(), strict=True)
        if length
    )
    return Extent(storage, start, start + reach * size, dense=reach == count)
