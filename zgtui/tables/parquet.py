"""Tables as Apache Parquet, which pyarrow reads and writes (an extra)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.errors import TableError
from zgtui.tables.formats import check_pyarrow

if TYPE_CHECKING:
    from zgtui.tables.formats import Cell, Row

PIECE = 8192
"""Rows read at once: some milliseconds."""


class ParquetBatches:
    """The rows of the Parquet file ``path``, column by column, some thousand at a time.

    Columns of lists, objects and dates are left out.

    Raises:
        TableError: if pyarrow is not installed, or the file is no whole Parquet file.
    """

    def __init__(self, path: Path) -> None:
        check_pyarrow()
        from pyarrow import ArrowException, types  # noqa: PLC0415 - an extra, and slow to import
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - as above

        plain = (
            types.is_integer, types.is_floating, types.is_boolean, types.is_string,
            types.is_large_string, types.is_decimal, types.is_dictionary,
        )  # fmt: skip
        try:
            self._file = ParquetFile(path)
        except (ArrowException, OSError) as error:
            raise TableError(f"{path} is not a whole Parquet file: {error}") from error
        self.columns: list[str] = [
            field.name for field in self._file.schema_arrow if any(one(field.type) for one in plain)
        ]
        self.total: int = self._file.metadata.num_rows

    def __iter__(self) -> Iterator[list[list[Any]]]:
        for batch in self._file.iter_batches(PIECE, columns=self.columns):
            if batch.num_rows:
                yield [column.to_pylist() for column in batch.columns]


class ColumnKinds:
    """What kind of cells each of so many columns holds, found by seeing all of them."""

    def __init__(self, columns: int) -> None:
        self._kinds: list[set[type]] = [set() for _ in range(columns)]

    def note(self, rows: Iterable[Row]) -> None:
        """See ``rows``."""
        for kinds, column in zip(self._kinds, zip(*rows, strict=True), strict=False):
            kinds.update(map(type, column))

    def schema(self, columns: Sequence[str]) -> Any:
        """The schema of a table with these names of ``columns``."""
        import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to import

        types = {
            "whole": pa.int64(),
            "number": pa.float64(),
            "truth": pa.bool_(),
            "text": pa.string(),
        }
        return pa.schema(
            [(name, types[_kind(kinds)]) for name, kinds in zip(columns, self._kinds, strict=True)]
        )


def _kind(kinds: set[type]) -> str:
    found = kinds - {type(None)}
    if found == {int}:
        return "whole"
    if found == {bool}:
        return "truth"
    return "number" if found <= {int, float} else "text"


class ParquetTable:
    """Writes rows of ``columns`` as a Parquet file, whose bytes go to ``write``."""

    def __init__(
        self, write: Callable[[bytes], None], columns: Sequence[str], kinds: ColumnKinds
    ) -> None:
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - an extra, and slow to import

        self._schema = kinds.schema(columns)
        self._writer = ParquetWriter(_Sink(write), self._schema)
        self._waiting: list[Row] = []

    def rows(self, rows: Iterable[Row]) -> None:
        """Append ``rows``."""
        self._waiting += rows
        if len(self._waiting) >= PIECE:
            self._flush()

    def close(self) -> None:
        """Write the end of the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and slow to import

        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        arrays = [
            pa.array([_fit(cell, field.type) for cell in column], field.type)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(pa.table(arrays, self._schema))
        self._waiting = []


def _fit(cell: Cell, kind: Any) -> Cell:
    """``cell`` as its column holds it: a whole number among others as such, all else as text."""
    if cell is None or str(kind) in {"int64", "bool"}:
        return cell
    return float(cell) if str(kind) == "double" else str(cell)


class _Sink(io.RawIOBase):
    """Takes bytes as a file does."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        block = bytes(data)
        self._write(block)
        return len(block)
