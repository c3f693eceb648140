"""Which storages hold the values of leaves, so that a write into one is seen for what it is."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from zgtui.check.extent import extent_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ParameterMemory:
    """The storages of leaves, each with the leaf that lies there."""

    def __init__(self) -> None:
        self._leaves: dict[int, tuple[weakref.ref[torch.UntypedStorage], weakref.ref[Tensor]]] = {}

    def add(self, leaf: Tensor) -> None:
        """The values of ``leaf`` lie where they lie now."""
        extent = extent_of(leaf)
        if extent is None:
            return
        key, leaves = extent.storage._cdata, self._leaves  # noqa: SLF001 - the identity of a storage
        known = leaves.get(key)
        if known is not None and known[0]() is extent.storage and known[1]() is not None:
            return

        def forget(reference: weakref.ref[torch.UntypedStorage]) -> None:
            if key in leaves and leaves[key][0] is reference:
                del leaves[key]

        leaves[key] = (weakref.ref(extent.storage, forget), weakref.ref(leaf))

    def owner(self, tensor: Tensor) -> Tensor | None:
        """The leaf whose values ``tensor`` shares; None where it shares those of none."""
        if not self._leaves:
            return None
        extent = extent_of(tensor)
        known = None if extent is None else self._leaves.get(extent.storage._cdata)  # noqa: SLF001 - as above
        if known is None or extent is None or known[0]() is not extent.storage:
            return None
        return known[1]()
