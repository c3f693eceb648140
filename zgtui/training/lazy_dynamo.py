"""Puts the import of PyTorch's compiler off until something compiles.

``torch.optim`` imports ``torch._dynamo`` at the first optimizer, only to tell the compiler where
not to look: 800 modules, which take as long as PyTorch itself. Until something is compiled there
is nothing to tell.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

NAME = "torch._dynamo"


class LazyDynamo(ModuleType):
    """Stands for ``torch._dynamo`` where nothing is compiled, and gives way to it at first use."""

    @staticmethod
    def graph_break(*_args: Any, **_kwargs: Any) -> None:
        """There is no graph to break."""

    @staticmethod
    def disable(
        fn: Callable[..., Any] | None = None, *args: Any, **kwargs: Any
    ) -> Callable[..., Any]:
        """``fn`` itself: it is not going to be compiled; once anything is, it is disabled then."""
        if fn is None:
            loaded: Callable[..., Any] = _load().disable(fn, *args, **kwargs)
            return loaded

        known: list[Callable[..., Any]] = []

        def call(*given: Any, **named: Any) -> Any:
            module = sys.modules[NAME]
            if isinstance(module, LazyDynamo):
                return fn(*given, **named)
            if not known:
                known.append(module.disable(fn, *args, **kwargs))
            return known[0](*given, **named)

        return call

    def __getattr__(self, name: str) -> Any:
        """All else is the compiler's own."""
        return getattr(_load(), name)


def _load() -> ModuleType:
    """The compiler, in place of what stands for it."""
    if isinstance(sys.modules.get(NAME), LazyDynamo):
        del sys.modules[NAME]
    return importlib.import_module(NAME)


def put_off() -> None:
    """Have the compiler imported at first use; nothing where it is there already."""
    import torch  # noqa: PLC0415 - it must be whole before its part is put off

    if NAME not in sys.modules and "_dynamo" not in vars(torch):
        sys.modules[NAME] = torch._dynamo = LazyDynamo(NAME)  # noqa: SLF001 - where torch looks for it
