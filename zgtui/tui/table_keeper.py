"""``--out``: a loss table kept up to date while the app trains."""

from __future__ import annotations

from pathlib import Path

from zgtui.errors import ZgtuiError
from zgtui.losses.growing import GrowingTable
from zgtui.tui.export import free_path

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
        self._table: GrowingTable | None = None

    def follow(self, log: str) -> None:
        """Write what is new in ``log``. Raises ZgtuiError, once for each table that fails."""
        try:
            if log != self._log:
                self.close()
                self._log = log
                self._count += 1
                overwrite = self._overwrite and self._count == 1
                self._table = GrowingTable(Path(log), self._numbered(), overwrite=overwrite)
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
