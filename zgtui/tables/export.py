"""A loss table of what a log holds at one moment, written in slices beside running training."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.tables.rows import LogFacts
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.errors import LogError, TableError
from zgtui.runlog.log import LossReader, read_events
from zgtui.tables.destination import Draft, check_destination, sidecar_path
from zgtui.tables.formats import format_of
from zgtui.tables.rows import (
    TIDY_COLUMNS,
    FactsCollector,
    LogFacts,
    TidyRows,
    Timeline,
    changes_of,
    logged_runs,
    samples_of,
    wide_columns,
    wide_rows,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from zgtui.tables.formats import Row


CONSTANTS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def sidecar_text(facts: LogFacts, table: str, steps: Mapping[str, int]) -> str:
    """The sidecar of the table named ``table``, which holds ``steps`` of each run.

    First the experiment, its seed and where it ran, then everything else that the start event
    holds, all settings, and every change with the step from which it holds, as far as the table
    reaches. inf and nan, which JSON lacks, stand as strings.
    """
    start = {key: value for key, value in facts.start.items() if key not in {"event", "settings"}}
    settings = facts.start.get("settings", {})
    last = max(steps.values(), default=0)
    record = {
        "table": table,
        "experiment": settings.get("experiment"),
        "seed": settings.get("seed"),
        "zgtui": version("zgtui"),
        **start,
        "settings": settings,
        "steps": dict(steps),
        "changes": [event for event in facts.changes if event.get("step", 0) <= last],
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

    Checks the destination and settles how many steps the table holds at once: ``steps`` of each
    run (one number, or one per run) or all that the log holds now. Then each turn of the returned
    generator writes a slice and yields (rows done, rows in all). Both files appear after the last
    slice, whole; ended early or failed, the generator leaves nothing behind. Memory is bounded.

    Raises TableError where the table cannot be written, LogError where the log cannot be read.
    """
    check_destination(path, overwrite=overwrite)
    if all(event.get("event") != "start" for event in read_events(log_folder)):
        raise LogError(f"the log {log_folder} has no start event: training has not begun in it")
    counts = {run: LossReader(log_folder, run).available() for run in logged_runs(log_folder)}
    for run, held in counts.items():
        asked = held if steps is None else steps if isinstance(steps, int) else steps.get(run, held)
        counts[run] = max(0, min(held, asked))
    return _write(_Plan(log_folder, path, counts, wide, overwrite))


@dataclass(frozen=True)
class _Plan:
    log_folder: Path
    path: Path
    counts: Mapping[str, int]
    wide: bool
    overwrite: bool


def _write(plan: _Plan) -> Generator[tuple[int, int], None, None]:
    path, counts = plan.path, plan.counts
    form = format_of(path)
    total = max(counts.values(), default=0) if plan.wide else sum(counts.values())
    done = 0
    table = Draft(path)
    try:
        sidecar = Draft(sidecar_path(path))
        try:
            collector = FactsCollector()
            for number, event in enumerate(read_events(plan.log_folder)):
                collector.add(event)
                if number % SLICE == SLICE - 1:
                    yield done, total
            facts = collector.facts(plan.log_folder)
            columns = wide_columns(facts.runs) if plan.wide else (*TIDY_COLUMNS, *facts.diagnostics)
            slices = _wide_slices if plan.wide else _tidy_slices
            table.write(form.header(columns))
            for rows in slices(plan.log_folder, facts, counts):
                table.write(form.rows(columns, rows))
                done += len(rows)
                yield done, total
            sidecar.write(sidecar_text(facts, path.name, counts))
            table.publish(overwrite=plan.overwrite)
            try:
                sidecar.publish(overwrite=plan.overwrite)
            except TableError:
                if not plan.overwrite:
                    path.unlink()
                raise
        finally:
            sidecar.discard()
    finally:
        table.discard()


def _tidy_slices(
    log_folder: Path, facts: LogFacts, counts: Mapping[str, int]
) -> Iterator[list[Row]]:
    for run, count in counts.items():
        changes, samples = changes_of(facts, run), samples_of(log_folder, run)
        tidy = TidyRows(facts, run, facts.diagnostics, Timeline(facts, run, changes, samples))
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
    last = max(counts.values(), default=0)
    for start in range(0, last, SLICE):
        losses = [
            reader.read(max(0, min(SLICE, counts[run] - start))) for run, reader in readers.items()
        ]
        rows = wide_rows(facts, start + 1, losses)
        if len(rows) < min(SLICE, last - start):
            raise _cut_short(log_folder)
        yield rows


def _cut_short(log_folder: Path) -> TableError:
    return TableError(f"the log {log_folder} was cut short while it was being exported; try again")
