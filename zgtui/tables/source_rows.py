"""All cells of a table that is there already, in slices, to be written as another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.errors import TableError
from zgtui.plural import plural
from zgtui.tables.compressed import open_lines
from zgtui.tables.lines import TableCells
from zgtui.tables.parquet import ParquetBatches

if TYPE_CHECKING:
    from zgtui.tables.formats import Cell, Row

Slices = Iterator[tuple[list["Row"], int, int]]
"""Some rows, and how much of how much is read."""

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS: dict[str, Cell] = {
    "": None,
    "true": True,
    "false": False,
    "inf": float("inf"),
    "-inf": float("-inf"),
    "nan": float("nan"),
}


class TextSource:
    """The table of text ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> list[str]:
        """The names of its columns; those of JSON are known once all of it is read.

        Raises:
            TableError: if it cannot be read.
        """
        header: list[str] = []
        for cells, rows, _, _ in self._pieces():
            if not cells.columns and rows:
                return [name.strip() for name in rows[0]]
            header = cells.columns
        return list(header)

    def slices(self, columns: Sequence[str]) -> Slices:
        """Its rows.

        Raises:
            TableError: if they cannot be read, or do not fit ``columns``.
        """
        named = False
        for cells, rows, done, total in self._pieces():
            if rows and not named and not cells.columns:
                del rows[0]
                named = True
            padding = bool(cells.columns)
            yield [self._typed(columns, row, padding=padding) for row in rows], done, total

    def _pieces(self) -> Iterator[tuple[TableCells, list[list[str]], int, int]]:
        file, cells, ended = open_lines(self._path), TableCells(self._path), False
        while not ended:
            news, lines = file.read()
            if news in {"gone", "replaced"}:
                raise TableError(f"{self._path} was replaced while it was being read; try again")
            ended = news == "nothing"
            rows = [row for _, row in cells.rows(file.rest() if ended else lines)]
            yield cells, rows, file.position, file.size

    def _typed(self, columns: Sequence[str], row: list[str], *, padding: bool) -> Row:
        if padding:
            row += [""] * (len(columns) - len(row))
        if len(row) != len(columns):
            raise TableError(
                f"{self._path} has a row of {plural(len(row), 'cell')} below a header of"
                f" {plural(len(columns), 'column')}"
            )
        return [_cell(text.strip()) for text in row]


def _cell(text: str) -> Cell:
    """The value of a cell: it stays text where it is not plainly a number, true or false."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(text)


class ParquetSource:
    """The Parquet file ``path``.

    Raises:
        TableError: if it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._batches = ParquetBatches(path)

    def columns(self) -> list[str]:
        """The names of its columns."""
        return self._batches.columns

    def slices(self, _columns: Sequence[str]) -> Slices:
        """Its rows."""
        done = 0
        for columns in self._batches:
            done += len(columns[0])
            rows: list[Row] = [list(row) for row in zip(*columns, strict=True)]
            yield rows, done, self._batches.total
