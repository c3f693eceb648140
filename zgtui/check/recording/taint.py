"""What the values of each tensor are made of: contributions by storage, told apart by bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from zgtui.check.recording.contributions import NOTHING
from zgtui.check.recording.storages import Reference, is_of, lives, refer_to
from zgtui.instrument.patches import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from zgtui.check.recording.contributions import Contributions


Turns = frozenset[int]
"""The steps, by number, before which terms were added to a sum of gradients."""
NO_TURNS: Turns = frozenset()


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
        # Asked some hundred times a step; Extent() would take another call for its arguments.
        return tuple.__new__(Extent, (storage, start, start + count * size, True))
    reach = 1 + sum(
        (int(length) - 1) * int(stride)
        for length, stride in zip(tensor.shape, tensor.stride(), strict=True)
        if length
    )
    return Extent(storage, start, start + reach * size, dense=reach == count)


MAX_REGIONS = 4096
"""A storage written in more pieces than these is followed as a whole."""


class Memory:
    """One storage: what each region of its bytes is made of."""

    __slots__ = (
        "gradient", "loose", "made", "of_sum", "pieces", "reference", "regions", "scaled_by",
        "turns", "whole",
    )  # fmt: skip

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.regions: dict[tuple[int, int], Contributions] = {}
        self.loose = False
        """Whether regions may overlap, because a tensor with gaps was written."""
        self.gradient = False
        """Whether it is, or was, the gradient of a leaf."""
        self.turns = NO_TURNS
        """Those of the sum that it is, if nothing but gradients were added to it."""
        self.of_sum = NO_TURNS
        """Those of the sum that it was copied from, or scaled."""
        self.pieces = NO_TURNS
        """Those before which the copies were made that it was put together of."""
        self.made = 0
        """The turn in which that was done."""
        self.scaled_by: float | None = None
        """The factor of such a copy."""
        self.whole: Memory | None = None
        """The sum itself, where this was copied from it or scaled in several calls."""

    def read(self, start: int, stop: int) -> Contributions:
        """All that the bytes are made of."""
        exact = self.regions.get((start, stop))
        if exact is not None and not self.loose:
            return exact
        found = NOTHING
        for (first, last), several in self.regions.items():
            if first < stop and start < last:
                found |= several
        return found

    def write(self, extent: Extent, several: Contributions) -> None:
        """The bytes are made of ``several`` now; with gaps, also of what they were."""
        self.turns = self.of_sum = NO_TURNS
        self.whole = None
        where = (extent.start, extent.stop)
        if not extent.dense:
            self.loose = True
            self.regions[where] = self.regions.get(where, NOTHING) | several
            return
        if len(self.regions) > 1 or where not in self.regions:
            self._cut(*where)
        self.regions[where] = several
        if len(self.regions) > MAX_REGIONS:
            whole = (min(start for start, _ in self.regions), max(stop for _, stop in self.regions))
            self.regions = {whole: self.read(*whole)}

    def _cut(self, start: int, stop: int) -> None:
        """Take the bytes out of the regions that reach into them."""
        for (first, last), several in list(self.regions.items()):
            if first < stop and start < last:
                del self.regions[first, last]
                if first < start:
                    self.regions[first, start] = several
                if stop < last:
                    self.regions[stop, last] = several


class TaintMap:
    """Every storage that anything is known of, for as long as it lives."""

    def __init__(self) -> None:
        self._memories: dict[int, Memory] = {}

    def __bool__(self) -> bool:
        return bool(self._memories)

    def memory(self, extent: Extent) -> Memory | None:
        """The memory of that storage, where anything is known of it."""
        found = self._memories.get(extent.storage._cdata)  # noqa: SLF001 - the identity of a storage
        if found is not None and not is_of(found.reference, extent.storage):
            return None
        return found

    def memory_of(self, tensor: Tensor) -> Memory | None:
        """That of the storage of ``tensor``, where anything is known of it."""
        extent = extent_of(tensor)
        return None if extent is None else self.memory(extent)

    def read(self, tensor: Tensor) -> Contributions | None:
        """What ``tensor`` is made of; None where nothing is known of its storage."""
        extent = extent_of(tensor)
        if extent is None:
            return None
        memory = self.memory(extent)
        return None if memory is None else memory.read(extent.start, extent.stop)

    def write(
        self,
        tensor: Tensor,
        several: Contributions,
        *,
        gradient: bool = False,
        even_empty: bool = False,
        made: int | None = None,
    ) -> None:
        """``tensor`` is made of ``several`` from now on, and of one piece if ``made`` in that turn.

        ``even_empty`` remembers also that a tensor was made of gradients that held nothing.
        """
        extent = extent_of(tensor)
        if extent is None:
            return
        memory = self.memory(extent)
        if memory is None:
            if not (several or gradient or even_empty):
                return
            memory = self._remember(extent.storage)
        memory.gradient |= gradient
        memory.write(extent, several)
        if made is not None:
            memory.pieces, memory.made = frozenset((made,)), made

    def sum_of(self, tensor: Tensor) -> Turns:
        """The turns of the sum that ``tensor`` is, or a copy of."""
        memory = self.memory_of(tensor)
        return NO_TURNS if memory is None else memory.turns or memory.of_sum

    def write_gradient(self, grad: Tensor, several: Contributions, turns: Turns) -> None:
        """``grad`` is a gradient now, made of ``several``, of a sum with these turns."""
        self.write(grad, several, gradient=True)
        memory = self.memory_of(grad)
        if memory is not None:
            memory.of_sum = turns

    def _remember(self, storage: torch.UntypedStorage) -> Memory:
        key, memories = storage._cdata, self._memories  # noqa: SLF001 - as above

        def forget(reference: Reference) -> None:
            known = memories.get(key)
            if known is not None and known.reference is reference:
                del memories[key]

        made = memories[key] = Memory(refer_to(storage, forget))
        return made

    def kept_aside(self) -> Iterator[Contributions]:
        """What stands in storages that are no gradients."""
        for memory in list(self._memories.values()):
            if not memory.gradient and lives(memory.reference):
                yield from memory.regions.values()

    def forget_all(self) -> None:
        """Begin anew."""
        self._memories.clear()
