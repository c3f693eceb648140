"""Modules of a script that are loaded from a changed copy, to try a fix without writing it."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def _names(file: str) -> tuple[str, str]:
    """What a module may be called that is loaded from ``file``, without its packages."""
    folder, base = os.path.split(file)
    return base.partition(".")[0], os.path.basename(folder)  # noqa: PTH119 - a plain string


class ReplacedSources(MetaPathFinder):
    """Finds what the others find; ``copies`` maps files to what is loaded in their place."""

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
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = (
                None if finder is self or find is None else find(fullname, path, target)
            )
            if spec is None:
                continue
            copy = self._copies.get(os.path.realpath(spec.origin or ""))
            if copy is None:
                return None
            return spec_from_file_location(
                fullname, copy, submodule_search_locations=spec.submodule_search_locations
            )
        return None
