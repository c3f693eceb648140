"""What is looked in on while a script imports modules, and what is loaded in their place."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def _found_by_others(
    own: MetaPathFinder, fullname: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find = None if finder is own else getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
        if spec is not None:
            return spec
    return None


class AfterImport(MetaPathFinder):
    """Runs ``actions[name]`` with module ``name``, once, when its own code has run."""

    def __init__(self, actions: dict[str, Callable[[ModuleType], None]]) -> None:
        self._actions = actions

    def install(self) -> None:
        """Come first among the finders."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Leave the finding to the others; look in on the loading."""
        action = self._actions.pop(fullname, None)
        if action is None:
            return None
        spec = _found_by_others(self, fullname, path, target)
        if spec is not None and spec.loader is not None:
            _extend(spec.loader, action)
        return spec


def _extend(loader: Any, action: Callable[[ModuleType], None]) -> None:
    run = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module  # the loader is as it was
        run(module)
        action(module)

    loader.exec_module = exec_module


def _names(file: str) -> tuple[str, str]:
    """What a module may be called that is loaded from ``file``, without its packages."""
    folder, base = os.path.split(file)
    return base.partition(".")[0], os.path.basename(folder)  # noqa: PTH119 - a plain string


class ReplacedSources(MetaPathFinder):
    """Modules that are loaded from a changed copy, to try a fix without writing it.

    ``copies`` maps files to what is loaded in their place.
    """

    def __init__(self, copies: Mapping[str, str]) -> None:
        self._copies = copies
        self._names = {name for file in copies for name in _names(file)}

    def install(self) -> None:
        """Come first among the finders."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of a changed copy; None where the module is not one that was changed."""
        if fullname.rpartition(".")[2] not in self._names:
            return None
        spec = _found_by_others(self, fullname, path, target)
        if spec is None:
            return None
        copy = self._copies.get(os.path.realpath(spec.origin or ""))
        if copy is None:
            return None
        return spec_from_file_location(
            fullname, copy, submodule_search_locations=spec.submodule_search_locations
        )
