"""References to a storage that do not keep it, by which it is known again.

From PyTorch 2.2 on a storage has one Python object for as long as it lives. Before, each look at it
makes another one, and a weak reference to that ends the process; torch has references of its own.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import torch
from torch.multiprocessing.reductions import StorageWeakRef

if TYPE_CHECKING:
    from collections.abc import Callable

_look_at_one = torch.ones(1).untyped_storage
KNOWN_AGAIN = _look_at_one() is _look_at_one()
"""Whether a storage has one Python object."""
MANY = 256
"""So many references are looked through for those whose storage is gone."""


class OlderReference:
    """While it is there no other storage takes the address, though the values are gone."""

    _all: ClassVar[list[OlderReference]] = []
    _many: ClassVar[int] = MANY

    def __init__(self, storage: torch.UntypedStorage, forget: Callable[[Any], None]) -> None:
        self._reference: Any = StorageWeakRef(storage)
        self.forget = forget
        self._all.append(self)
        if len(self._all) > self._many:
            self._look_through()

    def alive(self) -> bool:
        """Whether somebody has the storage."""
        return not self._reference.expired()

    @classmethod
    def _look_through(cls) -> None:
        """Forget those that are gone, since nothing tells when one goes."""
        gone = [one for one in cls._all if not one.alive()]
        cls._all[:] = [one for one in cls._all if one.alive()]
        cls._many = 2 * len(cls._all) + MANY
        for one in gone:
            one.forget(one)


Reference: TypeAlias = "weakref.ref[torch.UntypedStorage] | OlderReference"


def refer_to(storage: torch.UntypedStorage, forget: Callable[[Any], None]) -> Reference:
    """A reference; ``forget`` is called with it some time after the storage is gone."""
    return weakref.ref(storage, forget) if KNOWN_AGAIN else OlderReference(storage, forget)


def is_of(reference: Reference, storage: torch.UntypedStorage) -> bool:
    """Whether ``reference``, found by the address of ``storage``, is of that storage."""
    return reference.alive() if isinstance(reference, OlderReference) else reference() is storage


def lives(reference: Reference) -> bool:
    """Whether the storage is still there."""
    if isinstance(reference, OlderReference):
        return reference.alive()
    return reference() is not None
