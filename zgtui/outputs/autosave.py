"""Loss tables: exported on request, or kept up to date while training goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from zgtui.errors import UsageError, ZgtuiError
from zgtui.outputs.processes import UPDATE_SECONDS
from zgtui.tables.destination import check_destination, sidecar_path
from zgtui.tables.formats import is_parquet
from zgtui.tables.streaming import StreamingTable, TableAtTheEnd

SLICE_SECONDS = 0.01


def free_path(path: Path) -> Path:
    """``path``, or the first of ``NAME-2``, ``NAME-3``, … at which nothing is there yet."""
    free, count = path, 1
    while free.exists() or sidecar_path(free).exists():
        count += 1
        free = path.with_stem(f"{path.stem}-{count}")
    return free


async def in_slices(writing: Iterable[tuple[int, int]], progress: Callable[[float], None]) -> None:
    """Go through ``writing``, which yields (done, in all), with the screen alive beside it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_SECONDS
    for done, total in writing:
        if loop.time() >= until:
            progress(done / total if total else 1.0)
            await asyncio.sleep(0)
            until = loop.time() + SLICE_SECONDS


class TableKeeper:
    """``--out``: keeps the table ``path`` for the comparison under way.

    A restart goes on in ``NAME-2``, ``NAME-3``, …: what was trained before is never replaced.

    Raises:
        TableError: if no table can be written there.
    """

    def __init__(self, path: Path, *, wide: bool = False, overwrite: bool) -> None:
        check_destination(path, overwrite=overwrite)
        self.path = path
        self._wide = wide
        self._overwrite = overwrite
        self._count = 0
        self._log = ""
        self._table: StreamingTable | TableAtTheEnd | None = None
        self._waiting = False
        """Whether the table of the log is yet to be begun."""
        self._due = 0.0
        self._failed = False

    def follow(self, log: str) -> None:
        """Write what is new in ``log``, if it is time to.

        A full disk may get room again: the rows that failed wait for the next update, as a table
        does that could not be begun.

        Raises:
            ZgtuiError: the first time that a table cannot be written.
        """
        if log != self._log:
            self.close()
            self._log, self._waiting = log, True
            self._count += 1
            self._failed, self._due = False, 0.0
        now = time.monotonic()
        if now < self._due or not (self._waiting or self._table):
            return
        self._due = now + UPDATE_SECONDS / 2  # whoever calls so often is never a moment early
        try:
            self._begun().update()
        except ZgtuiError:
            if not self._failed:
                self._failed = True
                raise

    def _begun(self) -> StreamingTable | TableAtTheEnd:
        if self._table is None:
            overwrite = self._overwrite and self._count == 1
            path = self._numbered()
            kind = TableAtTheEnd if is_parquet(path) else StreamingTable
            self._table = kind(Path(self._log), path, wide=self._wide, overwrite=overwrite)
            self._waiting = False
        return self._table

    def close(self) -> None:
        """Write the rest and close the file. Raises ZgtuiError if that fails."""
        if not (self._waiting or self._table):
            return
        self._waiting = False
        table, self._table = self._begun(), None
        table.close()

    def _numbered(self) -> Path:
        if self._count == 1:
            return self.path
        return free_path(self.path.with_stem(f"{self.path.stem}-{self._count}"))


def table_keeper(values: Mapping[str, Any]) -> TableKeeper | None:
    """What ``--out`` asks for.

    Raises:
        TableError: if it cannot be written there.
        UsageError: if ``--wide`` comes without it.
    """
    if not values["out"]:
        if values.get("wide"):
            raise UsageError("--wide changes the loss table: add --out FILE")
        return None
    path = Path(values["out"]).expanduser().absolute()
    return TableKeeper(path, wide=bool(values.get("wide")), overwrite=bool(values["overwrite"]))
