"""The entries of a folder that lies in two places: what ``os.scandir`` returns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol


class Scan(Protocol):
    """What ``os.scandir`` returns."""

    def __iter__(self) -> Iterator[os.DirEntry[Any]]:
        """The entries."""

    def close(self) -> None:
        """Free what it holds."""


class Entries:
    """The entries of all ``scans``, each name once and from the first that has it.

    Those that are ``hidden`` are left out.
    """

    def __init__(self, scans: Sequence[Scan], hidden: Callable[[Any], bool]) -> None:
        self._scans, self._hidden = scans, hidden
        self._entries = self._merged()

    def __iter__(self) -> Iterator[os.DirEntry[Any]]:
        return self

    def __next__(self) -> os.DirEntry[Any]:
        return next(self._entries)

    def __enter__(self) -> Entries:  # noqa: PYI034 - Python 3.10 has no Self
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what they hold."""
        for scan in self._scans:
            scan.close()

    def _merged(self) -> Iterator[os.DirEntry[Any]]:
        seen: set[Any] = set()
        for scan in self._scans:
            for entry in scan:
                if entry.name not in seen and not self._hidden(entry.name):
                    seen.add(entry.name)
                    yield entry
        self.close()
