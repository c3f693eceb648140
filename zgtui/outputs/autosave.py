"""``--out``: a loss table kept up to date while the app trains."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from zgtui.config.settings import RUNS
from zgtui.errors import ZgtuiError
from zgtui.tables.destination import sidecar_path
from zgtui.tables.export import export
from zgtui.tables.streaming import StreamingTable

SLICE_SECONDS = 0.01


def free_path(path: Path) -> Path:
    """``path``, or the first of ``NAME-2``, ``NAME-3``, … at which nothing is there yet."""
    free, count = path, 1
    while free.exists() or sidecar_path(free).exists():
        count += 1
        free = path.with_stem(f"{path.stem}-{count}")
    return free


async def write_table(
    log: Path, path: Path, steps: int, *, overwrite: bool, progress: Callable[[float], None]
) -> None:
    """Write the first ``steps`` steps in ``log`` to ``path``, a slice at a time.

    ``progress`` hears the share done, from 0 to 1. Raises TableError; then no file is left behind.
    """
    writing = export(log, path, steps=dict.fromkeys(RUNS, steps), overwrite=overwrite)
    await in_slices(writing, progress)


async def in_slices(writing: Iterable[tuple[int, int]], progress: Callable[[float], None]) -> None:
    """Go through ``writing``, which yields (done, in all), with the screen alive beside it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_SECONDS
    for done, total in writing:
        if loop.time() >= until:
            progress(done / total if total else 1.0)
            await asyncio.sleep(0)
            until = loop.time() + SLICE_SECONDS


UPDATE_SECONDS = 0.3


class TableKeeper:
    """Keeps the table ``path`` for the comparison under way.

    A restart goes on in ``NAME-2``, ``NAME-3``, …: what was trained before is never replaced.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._path = path
        self._overwrite = overwrite
        self._count = 0
        self._log = ""
        self._table: StreamingTable | None = None

    def follow(self, log: str) -> None:
        """Write what is new in ``log``. Raises ZgtuiError, once for each table that fails."""
        try:
            if log != self._log:
                self.close()
                self._log = log
                self._count += 1
                overwrite = self._overwrite and self._count == 1
                self._table = StreamingTable(Path(log), self._numbered(), overwrite=overwrite)
            if self._table is not None:
                self._table.update()
        except ZgtuiError:
            self._table = None
            raise

    def close(self) -> None:
        """Write the rest and close the file. Raises ZgtuiError where that fails."""
        table, self._table = self._table, None
        if table is not None:
            table.close()

    def _numbered(self) -> Path:
        if self._count == 1:
            return self._path
        return free_path(self._path.with_stem(f"{self._path.stem}-{self._count}"))
