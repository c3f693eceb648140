"""Puts the import of PyTorch's compiler off until something compiles.

``torch.optim`` imports ``torch._dynamo`` at the first optimizer, only to tell the compiler where
not to look: 800 modules, which take as long as PyTorch itself. Until something is compiled there
is nothing to tell.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

NAME = "torch._dynamo"
AT_IMPORT = re.compile(rb"^[^\s#].*\b_dynamo\b", re.MULTILINE)
"""What a module does with it when it is imported, not in one of its functions."""


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
            if _is_put_off():
                return fn(*given, **named)
            if not known:
                known.append(sys.modules[NAME].disable(fn, *args, **kwargs))
            return known[0](*given, **named)

        return call

    def __getattr__(self, name: str) -> Any:
        """All else is the compiler's own."""
        return getattr(_load(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        """What is set is set on the compiler itself."""
        setattr(_load(), name, value)


class BeforeItsUsers(MetaPathFinder):
    """Imports the compiler before a part of PyTorch that uses it.

    Those of ``torch.distributed`` are imported by the compiler in turn: once one of them has begun
    it is too late.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the compiler has imported is there already; the rest is left to the others."""
        if _is_put_off() and fullname.startswith("torch.") and _uses_compiler(fullname, path):
            _load()
            module = sys.modules.get(fullname)
            if module is not None:
                # The import machinery takes the specification of a module that has come meanwhile.
                module.__spec__ = ModuleSpec(fullname, Imported(module))
                return module.__spec__
        return None


class Imported(Loader):
    """Gives the module that was imported while it was being looked for."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__  # to be given back

    def create_module(self, _spec: ModuleSpec) -> ModuleType:
        """It is there."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It has run; only its specification is to be its own again."""
        module.__spec__ = self._spec


def _uses_compiler(name: str, path: Sequence[str] | None) -> bool:
    spec = PathFinder.find_spec(name, path)
    loader = None if spec is None else spec.loader
    return name.startswith("torch.distributed.") or (
        isinstance(loader, SourceFileLoader)
        and AT_IMPORT.search(loader.get_data(loader.path)) is not None
    )


def _is_put_off() -> bool:
    return isinstance(sys.modules.get(NAME), LazyDynamo)


def _load() -> ModuleType:
    """The compiler, in place of what stands for it."""
    if _is_put_off():
        del sys.modules[NAME]
    return importlib.import_module(NAME)


def put_off() -> None:
    """Have the compiler imported at first use; nothing where it is there already."""
    import torch  # noqa: PLC0415 - it must be whole before its part is put off

    if NAME not in sys.modules and "_dynamo" not in vars(torch):
        sys.modules[NAME] = torch._dynamo = LazyDynamo(NAME)  # noqa: SLF001 - where torch looks for it
        sys.meta_path.insert(0, BeforeItsUsers())
