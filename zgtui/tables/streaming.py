"""A loss table that grows beside the training it records."""

from __future__ import annotations

import os
from array import array
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from zgtui.runlog.events import Event, Sampled, Started
from zgtui.runlog.follow import Chunk, Follower
from zgtui.tables.destination import (
    as_table_error,
    check_destination,
    replace_file,
    sidecar_path,
    write_all,
)
from zgtui.tables.export import export, sidecar_text
from zgtui.tables.formats import format_of
from zgtui.tables.rows import (
    FIRST_DIAGNOSTIC,
    Pull,
    TidyRows,
    Timeline,
    belongs,
    read_facts,
    tidy_columns,
    wide_columns,
    wide_rows,
)
from zgtui.tables.series import SeriesCells, series_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zgtui.tables.formats import Row

SLICE = 4096
_FLAGS = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


class StreamingTable:
    """Appends to the table ``path`` what is new in a log, each time ``update`` is called.

    Rows come in chunks, some of A, then some of B, and so on (tidy); a wide row comes once
    every run has reached its step, the rest on ``close``. The columns of diagnostics are
    ``diagnostics``, else those that the start event announces. When another line of a script calls
    ``backward()``, the table is written anew with its column. A sample may reach the log a moment
    after its loss, so each row waits for the update after the one that first saw its loss;
    ``close`` writes all. Updates some tenths of a second apart are therefore right; a diagnostic
    later than that is left out (not from an export).

    Every write is of whole rows and there is no half row after a kill or on a full disk: the rows
    that failed wait for the next update. The sidecar is there from the start, and replaced, whole,
    with every change and on ``close``.

    ``log_folder`` must hold the start event already.

    Raises:
        TableError: if a file cannot be written (by every method).
        LogError: if the log cannot be read (by every method).
    """

    def __init__(
        self,
        log_folder: Path,
        path: Path,
        *,
        wide: bool = False,
        overwrite: bool = False,
        diagnostics: Sequence[str] | None = None,
    ) -> None:
        check_destination(path, overwrite=overwrite)
        self.path = path
        self.rows = 0
        """Rows in the file."""
        self._wide = wide
        self._format = format_of(path)
        self._log, self._diagnostics = log_folder, diagnostics
        self._size = 0
        self._begin()
        with as_table_error(path):
            self._descriptor = os.open(
                path, _FLAGS | (os.O_TRUNC if overwrite else os.O_EXCL), 0o666
            )
        try:
            self._flush()
            self._write_sidecar(overwrite=overwrite)
        except BaseException:
            os.close(self._descriptor)
            path.unlink()
            raise

    def _begin(self) -> None:
        """Stand before the first row, with the columns that the log asks for now."""
        facts = read_facts(self._log)
        self._places = series_places(facts.changes)
        self._facts = replace(facts, changes=())
        diagnostics = self._diagnostics
        if diagnostics is None:
            diagnostics = tuple(facts.start.get("diagnostics", (FIRST_DIAGNOSTIC,)))
        runs = facts.runs
        if self._wide:
            self._columns = wide_columns(runs, self._places)
        else:
            self._columns = tidy_columns(self._places, diagnostics)
        self._follower = Follower(self._log, runs)
        self._seen = dict.fromkeys(runs, 0)
        self._changes: dict[str, deque[Event]] = {run: deque() for run in runs}
        self._samples: dict[str, deque[Event]] = {run: deque() for run in runs}
        series = {run: SeriesCells(self._log, run, self._places) for run in runs}
        self._series = list(series.values())
        self._tidy = {
            run: TidyRows(self._facts, run, diagnostics, self._timeline(run), series[run])
            for run in runs
        }
        self._pending = self._format.header(self._columns).encode()
        self._pending_rows = self.rows = 0

    def _timeline(self, run: str) -> Timeline:
        return Timeline(self._facts, run, _pull(self._changes[run]), _pull(self._samples[run]))

    def update(self) -> int:
        """Append what has waited since the last update; return how many rows that were."""
        before = self.rows
        self._flush()
        if series_places(self._facts.changes) != self._places:
            self._write_anew()
        ready, self._seen = self._seen, self._follower.written()
        if self._wide:
            ready = dict.fromkeys(ready, min(ready.values(), default=0))
        if self._append(ready):
            self._write_sidecar(overwrite=True)
        return self.rows - before

    def close(self) -> None:
        """Append everything, hand it to the disk and close; may be called again."""
        if self._descriptor < 0:
            return
        try:
            self._flush()
            self._append(self._follower.written())
            if series_places(self._facts.changes) != self._places:
                self._write_anew()
                self._append(self._follower.written())
            with as_table_error(self.path):
                os.fsync(self._descriptor)
            self._write_sidecar(overwrite=True)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write_anew(self) -> None:
        """Another line of the script has called ``backward()``: begin again, with its column.

        The new table takes the place of the old one as a whole. Where it cannot be written, all is
        as before, so that the next update begins anew again.
        """
        ready = self._seen
        if self._wide:
            ready = dict.fromkeys(ready, min(ready.values(), default=0))
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        before = dict(vars(self))
        with as_table_error(self.path):
            descriptor = os.open(draft, _FLAGS | os.O_EXCL, 0o666)
        try:
            self._descriptor, self._size = descriptor, 0
            self._begin()
            self._flush()
            self._append(ready)
            with as_table_error(self.path):
                draft.replace(self.path)
        except BaseException:
            vars(self).update(before)
            os.close(descriptor)
            draft.unlink()
            raise
        os.close(before["_descriptor"])

    def _append(self, until: dict[str, int]) -> bool:
        """Write what is new up to these steps; return whether there was a change among it."""
        changed, more = False, True
        while more:
            update = self._follower.read(SLICE, until=until)
            changed = self._sort(update.events) or changed
            rows = self._wide_rows(update.chunks) if self._wide else self._tidy_rows(update.chunks)
            if rows:
                self._pending = self._format.rows(self._columns, rows).encode()
                self._pending_rows = len(rows)
                self._flush()
            more = update.more
        return changed

    def _sort(self, events: list[Event]) -> bool:
        """Sort new events by run; return whether there was a change among them."""
        changes = [event for event in events if not isinstance(event, Sampled | Started)]
        for event in events:
            waiting = self._samples if isinstance(event, Sampled) else self._changes
            for run in waiting:
                if belongs(event, run):
                    waiting[run].append(event)
        self._facts = replace(self._facts, changes=(*self._facts.changes, *changes))
        return bool(changes)

    def _tidy_rows(self, chunks: list[Chunk]) -> list[Row]:
        return [
            row
            for chunk in chunks
            for run, losses in chunk.losses.items()
            for row in self._tidy[run].rows(chunk.first_step, losses)
        ]

    def _wide_rows(self, chunks: list[Chunk]) -> list[Row]:
        by_run = {run: losses for chunk in chunks for run, losses in chunk.losses.items()}
        first = max((chunk.first_step for chunk in chunks), default=1)
        losses = [by_run.get(run, array("d")) for run in self._facts.runs]
        return wide_rows(self._facts, first, losses, self._series)

    def _flush(self) -> None:
        """Write the pending rows, all or none of them."""
        if not self._pending:
            return
        with as_table_error(self.path):
            try:
                write_all(self._descriptor, self._pending)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._descriptor, self._size)
                    os.lseek(self._descriptor, self._size, os.SEEK_SET)
                raise
        self._size += len(self._pending)
        self.rows += self._pending_rows
        self._pending, self._pending_rows = b"", 0

    def _write_sidecar(self, *, overwrite: bool) -> None:
        text = sidecar_text(self._facts, self.path.name, self._follower.written())
        replace_file(sidecar_path(self.path), text, overwrite=overwrite)


class TableAtTheEnd:
    """The table ``path`` of a log, in a format that cannot grow: ``close`` writes it.

    Raises:
        TableError: if it cannot be written (by every method).
        LogError: if the log cannot be read (by ``close``).
    """

    def __init__(
        self, log_folder: Path, path: Path, *, wide: bool = False, overwrite: bool = False
    ) -> None:
        check_destination(path, overwrite=overwrite)
        self.path = path
        self._log, self._wide, self._overwrite = log_folder, wide, overwrite
        self._closed = False

    def update(self) -> int:
        """Rows wait for the end; returns that none was written."""
        return 0

    def close(self) -> None:
        """Write all rows; may be called again."""
        if not self._closed:
            self._closed = True
            for _ in export(self._log, self.path, wide=self._wide, overwrite=self._overwrite):
                pass


def _pull(events: deque[Event]) -> Pull:
    return lambda: events.popleft() if events else None
