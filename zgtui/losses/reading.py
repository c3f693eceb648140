"""Loss tables read back: ours, and any other with a step or epoch column."""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TextIO

from zgtui.errors import TableError

if TYPE_CHECKING:
    from pathlib import Path

STEP_COLUMNS = ("step", "global_step", "iteration", "epoch")
NOT_LOSSES = frozenset({*STEP_COLUMNS, "run", "lr", "zero_grad", "wall time", "time", "timestamp"})
WIDE_NAMES = {"loss_a": "A", "loss_b": "B"}

Lines = Iterator[tuple[int, list[str]]]
"""Line numbers, counted from 1, with the cells of each line; empty cells are empty strings."""


class Series(NamedTuple):
    """One curve, in the order of the table's lines."""

    steps: array[float]
    losses: array[float]


@dataclass(frozen=True)
class Table:
    """The curves of a table by name; ``axis`` is the column that counts their steps."""

    axis: str
    series: dict[str, Series]


def read_table(path: Path) -> Table:
    """Read a .csv, .tsv, .jsonl or .md table, or any delimited text with a header.

    A tidy table gives one curve per run (``A``, ``B``), a wide one of ours the same. Otherwise
    every column whose name holds "loss" is a curve, and without such a column every column of
    numbers. Empty cells are gaps. Raises TableError where the file is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, _as_table_error(path):
            return _table(path, *_cells(path, file))
    except OSError as error:
        raise TableError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error


@contextmanager
def _as_table_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path} is not a table: it holds something other than text") from error


def _cells(path: Path, file: TextIO) -> tuple[list[str], Lines]:
    """The column names and the lines below them."""
    kind = path.suffix.lower()
    if kind == ".jsonl":
        lines = _json_lines(path, file)
    elif kind == ".md":
        lines = _markdown_lines(file)
    else:
        lines = _delimited_lines(file)
    for _, header in lines:
        return [name.strip() for name in header], lines
    raise TableError(f"{path} is empty: a loss table begins with a line of column names")


def _delimited_lines(file: TextIO) -> Lines:
    header = file.readline()
    file.seek(0)
    delimiter = max("\t;,", key=header.count)
    reader = csv.reader(file, delimiter=delimiter)
    for cells in reader:
        if "\0" in "".join(cells):
            raise csv.Error("NUL")
        if cells:
            yield reader.line_num, cells


def _markdown_lines(file: TextIO) -> Lines:
    for number, line in enumerate(file, 1):
        text = line.strip()
        if text.startswith("|") and set(text) - set("|-: "):
            yield number, [cell.strip() for cell in text.strip("|").split("|")]


def _json_lines(path: Path, file: TextIO) -> Lines:
    columns: list[str] = []
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TableError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise TableError(f"{path}, line {number}: not a JSON object")
        if not columns:
            columns = list(row)
            yield number, columns
        yield number, [_json_text(row.get(name)) for name in columns]


def _json_text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)


def _table(path: Path, header: list[str], lines: Lines) -> Table:
    lower = [name.lower() for name in header]
    axis_at = next((lower.index(name) for name in STEP_COLUMNS if name in lower), None)
    if axis_at is None:
        raise TableError(
            f"{path} has no column that counts steps: name one of its columns "
            f"{' or '.join(STEP_COLUMNS)} (it has {', '.join(header)})"
        )
    run_at = lower.index("run") if "run" in lower else None
    candidates = _candidates(lower)
    named = bool(candidates) and all("loss" in lower[at] for at in candidates)
    series: dict[tuple[str, int], Series] = {}
    judged: dict[int, bool] = {}
    for number, cells in lines:
        if len(cells) != len(header):
            raise TableError(
                f"{path}, line {number}: {len(cells)} cells, but the header has {len(header)}"
            )
        step = _number(path, number, header[axis_at], cells[axis_at])
        run = "" if run_at is None else cells[run_at]
        for at in candidates:
            cell = cells[at].strip()
            if not cell:
                continue
            # Without a column called loss, its first cell tells whether a column holds numbers.
            if not judged.setdefault(at, named or _is_number(cell)):
                continue
            curve = series.get((run, at))
            if curve is None:
                curve = series[run, at] = Series(array("d"), array("d"))
            curve.steps.append(step)
            curve.losses.append(_number(path, number, header[at], cell))
    if not candidates or (judged and not any(judged.values())):
        raise TableError(f"{path} has no column of numbers beside {header[axis_at]!r}")
    return Table(header[axis_at], _named(header, series))


def _candidates(lower: Sequence[str]) -> list[int]:
    """Where the losses may be: the columns named after them, else all that are not bookkeeping."""
    if "run" in lower and "loss" in lower:
        return [lower.index("loss")]
    losses = [at for at, name in enumerate(lower) if "loss" in name]
    return losses or [at for at, name in enumerate(lower) if name not in NOT_LOSSES]


def _named(header: list[str], series: dict[tuple[str, int], Series]) -> dict[str, Series]:
    """Name the curves: by run, by column, or by both where several columns have several runs."""
    columns = {at for _, at in series}
    result: dict[str, Series] = {}
    for (run, at), curve in series.items():
        if run:
            name = run if len(columns) == 1 else f"{run} {header[at]}"
        else:
            name = WIDE_NAMES.get(header[at], header[at])
        result[name] = curve
    return result


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(path: Path, line: int, column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise TableError(
            f"{path}, line {line}, column {column!r}: {cell[:40]!r} is not a number"
        ) from None
