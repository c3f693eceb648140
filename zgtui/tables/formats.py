"""How rows of cells become the text of a table: one entry of FORMATS per file ending.

To add a format, write a function for the header, one for rows, and give it an entry.
"""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

from zgtui.errors import TableError, need_extra
from zgtui.lazy_dataclass import dataclass
from zgtui.plural import any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Cell = str | int | float | bool | None
Row = list[Cell]
PARQUET_ENDINGS = (".parquet", ".pq")


@dataclass(frozen=True)
class Format:
    """One kind of table: its first lines, and the lines of some rows, each ended by a newline.

    Both are given the column names; a row has one cell for each. None is an empty cell.
    """

    description: str
    header: Callable[[Sequence[str]], str]
    rows: Callable[[Sequence[str], Sequence[Row]], str]


def is_parquet(path: Path) -> bool:
    """Whether the ending of ``path`` is one of Parquet."""
    return path.suffix.lower() in PARQUET_ENDINGS


def is_compressed(path: Path) -> bool:
    """Whether the ending of ``path`` is that of gzip."""
    return path.suffix.lower() == ".gz"


def uncompressed(path: Path) -> Path:
    """What ``path`` is called without the ending of gzip."""
    return path.with_suffix("") if is_compressed(path) else path


def check_pyarrow() -> None:
    """Raise TableError if pyarrow is not installed."""
    need_extra("pyarrow", "parquet", "Parquet files are read and written with", error=TableError)


def check_format(path: Path) -> None:
    """Check that a table can be written in the format that the ending of ``path`` asks for.

    Raises:
        TableError: if it is none of ours, or Parquet and pyarrow is not installed.
    """
    if is_parquet(path):
        check_pyarrow()
    else:
        format_of(path)


def format_of(path: Path) -> Format:
    """The text that the ending of ``path`` asks for; TableError, listing all, on another."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = any_of(table_endings())
        raise TableError(f"{path.name!r} has no known table format: end it in {known}") from None


def table_endings() -> list[str]:
    """Those that a table can be written with, one for each format."""
    return [*FORMATS, PARQUET_ENDINGS[0]]


def _plain(cell: Cell) -> str:
    """Floats by repr, so that they come back bit for bit; truth as true and false."""
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


def _delimited(delimiter: str, rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _json_cell(cell: Cell) -> Cell:
    return repr(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def _json_lines(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return "".join(
        json.dumps(dict(zip(columns, map(_json_cell, row), strict=True)), allow_nan=False) + "\n"
        for row in rows
    )


MARKDOWN_WIDTH = 12
"""Holds a rounded loss down to 1.23457e-300 and a step of twelve digits."""


def _markdown_line(columns: Sequence[str], cells: Sequence[str]) -> str:
    padded = (
        cell.rjust(max(len(name), 3 if name == "run" else MARKDOWN_WIDTH))
        for name, cell in zip(columns, cells, strict=True)
    )
    return f"| {' | '.join(padded)} |\n"


def _markdown_header(columns: Sequence[str]) -> str:
    names = _markdown_line(columns, columns)
    rule = "".join("|" if sign == "|" else "-" for sign in names.strip())
    return names + rule.replace("-|", ":|") + "\n"


def _markdown_rows(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return "".join(
        _markdown_line(
            columns,
            [
                f"{cell:.6g}" if isinstance(cell, float) else _plain(cell).replace("|", "\\|")
                for cell in row
            ],
        )
        for row in rows
    )


FORMATS: dict[str, Format] = {
    ".csv": Format(
        "comma-separated values",
        lambda columns: _delimited(",", [list(columns)]),
        lambda _, rows: _delimited(",", rows),
    ),
    ".tsv": Format(
        "tab-separated values",
        lambda columns: _delimited("\t", [list(columns)]),
        lambda _, rows: _delimited("\t", rows),
    ),
    ".jsonl": Format(
        "one JSON object a row; inf and nan, which JSON lacks, as strings",
        lambda _: "",
        _json_lines,
    ),
    ".md": Format(
        "a Markdown table, rounded to six digits",
        _markdown_header,
        _markdown_rows,
    ),
}
