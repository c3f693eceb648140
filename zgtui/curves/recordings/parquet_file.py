"""A table in a Parquet file that is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zgtui.curves.recordings.recording import FileState, RowsRecording
from zgtui.errors import TableError
from zgtui.tables.formats import check_pyarrow
from zgtui.tables.parquet import ParquetBatches


class ParquetRecording(RowsRecording):
    """A Parquet file. It is whole or not there: one that changes is read again."""

    @property
    def share(self) -> float:
        """How many of the rows are read, from 0 to 1."""
        return self._taken / self._total if self._total else 1.0

    def _begin(self) -> None:
        super()._begin()
        self._columns: list[str] = []
        self._batches: Iterator[list[list[Any]]] = iter(())
        self._taken = self._total = 0
        self._stamp: tuple[int, int, int] | None = None

    def _look(self) -> FileState:
        try:
            status = self.path.stat()
        except OSError:
            return "gone"
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._begin()
            self._stamp = stamp
            self._open()
        return "there"

    def _open(self) -> None:
        """Begin with the first rows; a file that is still being written has no end yet."""
        check_pyarrow()
        try:
            file = ParquetBatches(self.path)
        except TableError as error:
            self._problem = str(error)
            return
        self._columns, self._total, self._batches = file.columns, file.total, iter(file)

    def _take_piece(self) -> bool:
        columns = next(self._batches, None)
        if columns is None:
            return False
        self._rows.take_columns(self._columns, columns)
        self._taken += len(columns[0])
        self._name_tracks()
        return True
