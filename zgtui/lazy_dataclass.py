"""Dataclasses whose methods are made when the first object of a class is.

The standard library writes and compiles up to six methods of each dataclass where it is defined.
The hundred of them that the first screen imports took a fifth of the time until it was there,
and most belong to what comes later.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

FIELDS = "__dataclass_fields__"
"""By this name `dataclasses` itself asks what fields a class has."""
_LOCK = RLock()


class _Fields:
    """Stands where a class has its fields, until somebody asks for them."""

    def __init__(self, complete: Callable[[], None]) -> None:
        self._complete = complete

    def __get__(self, _instance: object, owner: type) -> dict[str, Any]:
        self._complete()
        fields: dict[str, Any] = getattr(owner, FIELDS)
        return fields


def _lazily(cls: type[Any], options: dict[str, bool]) -> type[Any]:
    """``cls``, which becomes a dataclass when it is first used as one."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 - the one of ``cls``
        complete()
        cls.__init__(self, *values, **named)

    def complete() -> None:
        with _LOCK:
            if vars(cls)["__init__"] is __init__:  # another thread may have come first
                del cls.__init__
                delattr(cls, FIELDS)
                dataclasses.dataclass(**options)(cls)

    type.__setattr__(cls, "__init__", __init__)
    setattr(cls, FIELDS, _Fields(complete))
    return cls


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type[Any] | None = None, /, **options: bool) -> Any:
        """A class as `dataclasses.dataclass` makes it, at its first use; without ``slots``."""
        return _lazily(cls, options) if cls is not None else lambda made: _lazily(made, options)
