"""The rows of a table sorted into curves: ours, and any other that has columns of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from zgtui.errors import TableError
from zgtui.plural import plural
from zgtui.runlog.settings_history import ClearingColumn, SettingsHistory
from zgtui.tables.blocks import BlockPart, Column, first_filled, parts_of
from zgtui.tables.columns import axis_of, candidates, index, step_word
from zgtui.tables.lines import TableCells, cell_text
from zgtui.tables.series import PREFIX
from zgtui.tables.step_counts import Counted, StepCounts, counted_columns

if TYPE_CHECKING:
    from array import array
    from pathlib import Path

ROW = "row"
MAX_WAITING = 20
"""Records that wait for one with a step: the first ones of a log often tell of something else."""
WIDE_NAMES = {"loss_a": "A", "loss_b": "B"}
"""The runs of a wide table; a line of a script that calls ``backward()`` stands behind a blank."""
_TRUTH = {"true": True, "false": False}


class CurvePoints(Protocol):
    """What takes the points of a curve."""

    def append(self, step: float, loss: float, /) -> None:
        """Add a point."""

    def extend(self, steps: Sequence[float], losses: array[float], /) -> None:
        """Add points whose steps ascend."""


AnyCurve = TypeVar("AnyCurve", bound=CurvePoints)


class TableRows(Generic[AnyCurve]):
    """Sorts the rows of a table into curves as its lines come; ``make`` makes an empty curve.

    The table is .csv, .tsv, .jsonl or .md, or any delimited text with a header. A tidy one gives
    one curve per run (``A``, ``B``), a wide one of ours the same. Otherwise every column whose
    name holds "loss" is a curve, and without such a column every column of numbers. ``wanted``
    names more columns, as patterns. Empty cells are gaps; a row without a step belongs to the step
    of the row before. JSON may have other columns in each row. Where no column counts steps, the
    rows of each run are counted.

    Raises:
        TableError: if the lines are no table (by every method).
    """

    def __init__(
        self, path: Path, make: Callable[[], AnyCurve], wanted: Sequence[str] = ()
    ) -> None:
        self.axis = ""
        """What the column of steps counts, as a word; empty until the header has come."""
        self.counts_rows = False
        """Whether no column counts steps."""
        self.courses: dict[str, SettingsHistory] = {}
        """What the columns lr and zero_grad tell, by the name of the run ("" without a column)."""
        self.counts: dict[tuple[str, Counted], StepCounts] = {}
        """What other columns count beside the steps, by run and by what it is."""
        self._path = path
        self._make = make
        self._wanted = wanted
        self._cells = TableCells(path)
        self._header: list[str] = []
        self._axis_at = 0
        self._candidates: list[int] = []
        self._judged: dict[int, bool] = {}
        self._step = 0.0
        self._alone = False
        self._curves: dict[tuple[str, int], AnyCurve] = {}
        self._clearing: dict[str, ClearingColumn] = {}
        self._rows_of: dict[str, int] = {}
        self._waiting: list[tuple[int, list[str]]] = []

    def take(self, lines: Sequence[str]) -> None:
        """Take in the next whole lines."""
        taken = 0
        while taken < len(lines) and not self._header and not self._cells.columns:
            self._take_rows(lines[taken : taken + 1])
            taken += 1
        rest = lines[taken:]
        if rest and not (self._header and self._take_block(rest)):
            self._take_rows(rest)

    def _take_rows(self, lines: Sequence[str]) -> None:
        for number, cells in self._cells.rows(lines):
            if self._cells.columns:
                self._record(number, cells)
            elif self._header:
                self._row(number, cells)
            else:
                self._begin([name.strip() for name in cells])

    def take_records(self, records: Iterable[Mapping[str, object]]) -> None:
        """Take in rows of named values."""
        for number, cells in self._cells.records(records):
            self._record(number, cells)

    def take_columns(self, header: Sequence[str], columns: Sequence[Column]) -> None:
        """Take in rows column by column, as text or as numbers; None is an empty cell."""
        if not self._header:
            self._begin(list(header))
        if self._take_parts(columns):
            self._cells.passed(len(columns[0]))
            return
        for row in zip(*columns, strict=True):
            self._cells.passed(1)
            self._row(self._cells.number, [cell_text(value) for value in row])

    def _record(self, number: int, cells: list[str]) -> None:
        """A row whose columns may be new; what came before the first step is left out."""
        columns = self._cells.columns
        if len(columns) > len(self._header) and (self._header or axis_of(columns) is not None):
            self._begin(list(columns))
        if self._header:
            self._row(number, cells)
            return
        self._waiting.append((number, cells))
        if len(self._waiting) > MAX_WAITING:
            self._count_records()

    def _count_records(self) -> None:
        """No column has counted steps so far: count the records that have waited for one."""
        waiting = self._waiting
        self._begin(list(self._cells.columns))
        for number, cells in waiting:
            self._row(number, cells + [""] * (len(self._header) - len(cells)))

    def _take_block(self, lines: Sequence[str]) -> bool:
        """Take in many lines at once; False, with nothing taken, where one needs a closer look."""
        width = len(self._header)
        cells = self._cells.block(lines, width, len(self._candidates) + 1)
        if cells is None or not self._take_parts([cells[at::width] for at in range(width)]):
            return False
        self._cells.passed(len(lines))
        return True

    def _take_parts(self, columns: Sequence[Column]) -> bool:
        losses = [at for at in self._candidates if self._holds_numbers(at, columns[at])]
        others = [at for at in (self._lr_at, self._clearing_at) if at is not None]
        others += self._counted.values()
        rows = self._rows_of
        if self.counts_rows:
            numbers, rows = self._numbered(columns)
            columns = [*columns, numbers]
        try:
            parts = parts_of(
                columns, axis=self._axis_at, run=self._run_at, losses=losses, others=others
            )
        except (TypeError, ValueError):
            return False
        self._rows_of = rows
        for part in parts:
            for at, (steps, values) in part.losses.items():
                if values:
                    self._curve(part.run, at).extend(steps, values)
            self._step = part.steps[-1]
            self._note_columns(part)
            for kind, at in self._counted.items():
                self._counts(part.run, kind).note_block(part.steps, part.cells[at])
        return True

    def _numbered(self, columns: Sequence[Column]) -> tuple[Column, dict[str, int]]:
        """The number of each row within its run, and how many rows each run has then."""
        rows = dict(self._rows_of)
        if self._run_at is None:
            first = rows.get("", 0) + 1
            rows[""] = first + len(columns[0]) - 1
            return range(first, rows[""] + 1), rows
        numbers = []
        for run in columns[self._run_at]:
            rows[run] = rows.get(run, 0) + 1
            numbers.append(rows[run])
        return numbers, rows

    def _holds_numbers(self, at: int, column: Column) -> bool:
        """Whether ``column`` is one of numbers, as far as its first filled cell tells."""
        if at not in self._judged:
            cell = first_filled(column)
            if cell is None:
                return False
            self._judged[at] = self._is_loss(at) or _is_number(cell)
        return self._judged[at]

    def _is_loss(self, at: int) -> bool:
        name = self._header[at].lower()
        return name.endswith("loss") or name.startswith(PREFIX) or name in WIDE_NAMES

    def _curve(self, run: str, at: int) -> AnyCurve:
        curve = self._curves.get((run, at))
        if curve is None:
            curve = self._curves[run, at] = self._make()
        return curve

    def check_complete(self) -> None:
        """Check that what has come is a table as a whole; TableError as above."""
        if self._waiting and not self._header:
            self._count_records()
        if not self._header:
            raise TableError(
                f"{self._path} is empty: a loss table begins with a line of column names"
            )
        self._cells.check_complete()
        if not self._candidates or (self._judged and not any(self._judged.values())):
            beside = "" if self.counts_rows else f" beside {self._header[self._axis_at]!r}"
            raise TableError(f"{self._path} has no column of numbers{beside}")

    def curves(self) -> dict[str, AnyCurve]:
        """The curves by name: by run, by column, by both where several columns have several runs.

        The name of a curve can change when the first number of another column comes.
        """
        shown = {key: curve for key, curve in self._curves.items() if key[1] in self._candidates}
        self._alone = len({at for _, at in shown}) == 1
        return {self._name(run, at): curve for (run, at), curve in shown.items()}

    def run_of(self, name: str) -> str:
        """The run of the curve called ``name``; empty where the table names none."""
        return next((run for run, at in self._curves if self._name(run, at) == name), "")

    def course(self, name: str) -> SettingsHistory | None:
        """What the table's own columns tell of the curve called ``name``."""
        for run, course in self.courses.items():
            if not run or name == run or name.startswith(f"{run} "):
                return course
        return None

    def _name(self, run: str, at: int) -> str:
        column = self._header[at]
        if not run:
            whole, _, line = column.partition(" ")
            name = WIDE_NAMES.get(whole)
            return column if name is None else f"{name} {line}".strip()
        if column.lower().startswith(PREFIX):
            return f"{run} {column[len(PREFIX) :]}"
        return run if self._alone or column.lower() == "loss" else f"{run} {column}"

    def _begin(self, header: list[str]) -> None:
        lower = [name.lower() for name in header]
        axis_at = axis_of(header)
        if axis_at is None and all(map(_is_number, header)):
            raise TableError(
                f"{self._path} has no line of column names: it begins with numbers; write one above"
                " them, such as step,loss"
            )
        if self.counts_rows and axis_at is not None:  # so these were no rows of steps
            for found in (self._curves, self.courses, self.counts, self._clearing):
                found.clear()
        self._waiting = []
        self.counts_rows = axis_at is None
        self._header, self._axis_at = header, len(header) if axis_at is None else axis_at
        self.axis = ROW if axis_at is None else step_word(header[axis_at])
        self._run_at = index(lower, "run", "run_name")
        self._lr_at = index(lower, "lr", "learning_rate")
        self._clearing_at = index(lower, "zero_grad")
        self._candidates = candidates(header, self._wanted)
        self._counted = counted_columns(header, self._axis_at)

    def _row(self, number: int, cells: list[str]) -> None:
        if len(cells) != len(self._header):
            no_table = " is not a table" if self.counts_rows else ""
            raise TableError(
                f"{self._path}{no_table}, line {number}: {plural(len(cells), 'cell')},"
                f" but the header has {len(self._header)}"
            )
        run = "" if self._run_at is None else cells[self._run_at]
        step = self._step = self._step_of(number, run, cells)
        self._note_settings(run, step, cells)
        for kind, at in self._counted.items():
            self._counts(run, kind).note(step, cells[at].strip())
        for at in self._candidates:
            cell = cells[at].strip()
            if not cell:
                continue
            if not self._holds_numbers(at, [cell]):
                continue
            self._curve(run, at).append(step, self._number(number, at, cell))

    def _step_of(self, number: int, run: str, cells: list[str]) -> float:
        if self.counts_rows:
            self._rows_of[run] = self._rows_of.get(run, 0) + 1
            return self._rows_of[run]
        counted = cells[self._axis_at].strip()
        step = self._number(number, self._axis_at, counted) if counted else self._step
        if not math.isfinite(step):
            raise self._no_number(number, self._axis_at, counted)
        return step

    def _counts(self, run: str, kind: Counted) -> StepCounts:
        counts = self.counts.get((run, kind))
        if counts is None:
            counts = self.counts[run, kind] = StepCounts(kind)
        return counts

    def _note_settings(self, run: str, step: float, cells: list[str]) -> None:
        """Passes over what is no number and no truth: these columns only add to the curves."""
        if self._lr_at is None and self._clearing_at is None:
            return
        course = self._course_of(run)
        if self._lr_at is not None:
            _note_lr(course, step, cells[self._lr_at])
        if self._clearing_at is not None:
            cleared = _truth(cells[self._clearing_at])
            if cleared is not None:
                self._clearing[run].add(step, cleared=cleared)

    def _course_of(self, run: str) -> SettingsHistory:
        course = self.courses.get(run)
        if course is None:
            course = self.courses[run] = SettingsHistory()
            self._clearing[run] = ClearingColumn(course)
        return course

    def _note_columns(self, part: BlockPart) -> None:
        """The same for many rows; where a column does not change, one look is enough."""
        if self._lr_at is not None:
            course, rates = self._course_of(part.run), part.cells[self._lr_at]
            one = len(set(rates)) == 1
            for step, rate in zip(part.steps, rates[:1] if one else rates, strict=False):
                _note_lr(course, step, rate)
        if self._clearing_at is not None:
            self._course_of(part.run)
            clearing, cells = self._clearing[part.run], part.cells[self._clearing_at]
            values = [_truth(cell) for cell in dict.fromkeys(cells)]
            if values == [clearing.constant]:
                clearing.repeat(len(cells))
                return
            for step, cell in zip(part.steps, cells, strict=True):
                cleared = _truth(cell)
                if cleared is not None:
                    clearing.add(step, cleared=cleared)

    def _number(self, line: int, at: int, cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            raise self._no_number(line, at, cell) from None

    def _no_number(self, line: int, at: int, cell: str) -> TableError:
        column = self._header[at]
        return TableError(
            f"{self._path}, line {line}, column {column!r}: {cell[:40]!r} is not a number"
        )


def _truth(cell: str | bool | None) -> bool | None:  # noqa: FBT001 - a cell
    return _TRUTH.get(str(cell).lower())


def _note_lr(course: SettingsHistory, step: float, cell: str | float | None) -> None:
    if cell is not None and _is_number(cell):
        course.note_lr(step, float(cell))


def _is_number(cell: str | float) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
