"""Loss tables written whole, in slices beside the screen: of a log, or of another table.

``export`` and ``convert`` check the destination at once. Then each turn of the generator that they
return writes a slice and yields (done, in all). The table and its sidecar appear together after the
last slice; ended early or failed, the generator leaves nothing behind. Memory is bounded.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from zgtui import __version__
from zgtui.errors import LogError, TableError
from zgtui.ipc import parse_json
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.events import Started, to_fields
from zgtui.runlog.log import LossReader, read_events
from zgtui.tables.destination import check_destination, sidecar_path, table_drafts, write_cells
from zgtui.tables.formats import is_parquet
from zgtui.tables.rows import (
    FactsCollector,
    LogFacts,
    TidyRows,
    Timeline,
    changes_of,
    logged_runs,
    samples_of,
    tidy_columns,
    wide_columns,
    wide_rows,
)
from zgtui.tables.series import SeriesCells, series_places
from zgtui.tables.source_rows import ParquetSource, Slices, TextSource

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from zgtui.tables.formats import Row

CONSTANTS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def sidecar_text(facts: LogFacts, table: str, steps: Mapping[str, int]) -> str:
    """The sidecar of the table named ``table``, which holds ``steps`` of each run.

    First the experiment, its seed and where it ran, then everything else that the start event
    holds, all settings, and every change with the step from which it holds, as far as the table
    reaches. inf and nan, which JSON lacks, stand as strings.
    """
    start = {key: value for key, value in facts.start.items() if key != "settings"}
    settings = facts.start.get("settings", {})
    last = max(steps.values(), default=0)
    record = {
        "table": table,
        "experiment": settings.get("experiment"),
        "seed": settings.get("seed"),
        "zgtui": __version__,
        **start,
        "settings": settings,
        "steps": dict(steps),
        "changes": [
            to_fields(event) for event in facts.changes if getattr(event, "step", 0) <= last
        ],
    }
    valid = json.loads(json.dumps(record), parse_constant=CONSTANTS.__getitem__)
    return json.dumps(valid, indent=2, ensure_ascii=False) + "\n"


SLICE = 1024
"""Rows written between two yields: a few milliseconds."""


def export(
    log_folder: Path,
    path: Path,
    *,
    wide: bool = False,
    steps: int | Mapping[str, int] | None = None,
    overwrite: bool = False,
) -> Generator[tuple[int, int], None, None]:
    """Write the table ``path`` and its sidecar from the log; the ending names the format.

    It settles at once how many steps the table holds: ``steps`` of each run (one number, or one per
    run) or all that the log holds now. Yields (rows done, rows in all).

    Raises:
        TableError: if the table cannot be written.
        LogError: if the log cannot be read.
    """
    check_destination(path, overwrite=overwrite)
    if not any(isinstance(event, Started) for event in read_events(log_folder)):
        raise LogError(f"the log {log_folder} has no start event: training has not started")
    counts = {run: LossReader(log_folder, run).available() for run in logged_runs(log_folder)}
    for run, held in counts.items():
        asked = held if steps is None else steps if isinstance(steps, int) else steps.get(run, held)
        counts[run] = max(0, min(held, asked))
    return _export(_Plan(log_folder, path, counts, wide, overwrite))


@dataclass(frozen=True)
class _Plan:
    log_folder: Path
    path: Path
    counts: Mapping[str, int]
    wide: bool
    overwrite: bool


def _export(plan: _Plan) -> Generator[tuple[int, int], None, None]:
    path, counts = plan.path, plan.counts
    total = max(counts.values(), default=0) if plan.wide else sum(counts.values())
    with table_drafts(path, overwrite=plan.overwrite) as (table, sidecar):
        collector = FactsCollector()
        for number, event in enumerate(read_events(plan.log_folder)):
            collector.add(event)
            if number % SLICE == SLICE - 1:
                yield 0, total
        facts = collector.facts(plan.log_folder)
        places = series_places(facts.changes)
        if plan.wide:
            columns = wide_columns(facts.runs, places)
        else:
            columns = tidy_columns(places, facts.diagnostics)
        slices = _wide_slices if plan.wide else _tidy_slices
        counted = partial(_counted, total, lambda: slices(plan.log_folder, facts, counts))
        yield from write_cells(table, columns, counted)
        sidecar.write(sidecar_text(facts, path.name, counts))


def _counted(total: int, slices: Callable[[], Iterator[list[Row]]]) -> Slices:
    done = 0
    for rows in slices():
        done += len(rows)
        yield rows, done, total


def _tidy_slices(
    log_folder: Path, facts: LogFacts, counts: Mapping[str, int]
) -> Iterator[list[Row]]:
    for run, count in counts.items():
        changes, samples = changes_of(facts, run), samples_of(log_folder, run)
        series = SeriesCells(log_folder, run, series_places(facts.changes))
        timeline = Timeline(facts, run, changes, samples)
        tidy = TidyRows(facts, run, facts.diagnostics, timeline, series)
        reader = LossReader(log_folder, run)
        while reader.position < count:
            first = reader.position + 1
            losses = reader.read(min(SLICE, count - reader.position))
            if not losses:
                raise _cut_short(log_folder)
            yield tidy.rows(first, losses)


def _wide_slices(
    log_folder: Path, facts: LogFacts, counts: Mapping[str, int]
) -> Iterator[list[Row]]:
    readers = {run: LossReader(log_folder, run) for run in counts}
    places = series_places(facts.changes)
    series = [SeriesCells(log_folder, run, places) for run in counts]
    last = max(counts.values(), default=0)
    for start in range(0, last, SLICE):
        losses = [
            reader.read(max(0, min(SLICE, counts[run] - start))) for run, reader in readers.items()
        ]
        rows = wide_rows(facts, start + 1, losses, series)
        if len(rows) < min(SLICE, last - start):
            raise _cut_short(log_folder)
        yield rows


def _cut_short(log_folder: Path) -> TableError:
    return TableError(f"the log {log_folder} was cut short while it was being exported; try again")


def convert(
    source: Path, path: Path, *, overwrite: bool = False
) -> Generator[tuple[int, int], None, None]:
    """Write all columns of the table ``source`` to ``path``, whose ending names the format.

    The sidecar is that of ``source``, or says where the table came from. Yields (bytes read, bytes
    in all).

    Raises:
        TableError: if ``source`` cannot be read or the table not be written.
    """
    check_destination(path, overwrite=overwrite)
    if path.exists() and path.samefile(source):
        raise TableError(f"{path} is the table that is shown; choose another name")
    return _convert(source, path, overwrite=overwrite)


def _convert(
    source: Path, path: Path, *, overwrite: bool
) -> Generator[tuple[int, int], None, None]:
    form = ParquetSource(source) if is_parquet(source) else TextSource(source)
    with table_drafts(path, overwrite=overwrite) as (table, sidecar):
        columns = form.columns()
        yield from write_cells(table, columns, lambda: form.slices(columns))
        sidecar.write(_source_text(source, path.name))


def _source_text(source: Path, name: str) -> str:
    """The sidecar of ``source`` for the table ``name``, or one that names ``source``."""
    try:
        record = parse_json(sidecar_path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    if isinstance(record, dict) and record.get("table") == source.name:
        record["table"] = name
    else:
        record = {"table": name, "made_from": source.name}
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
