"""A loss table that grows beside the training it records."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from zgtui.runlog.log import EventReader, LossReader
from zgtui.tables.destination import (
    as_table_error,
    check_destination,
    replace_file,
    sidecar_path,
    write_all,
)
from zgtui.tables.export import sidecar_text
from zgtui.tables.formats import format_of
from zgtui.tables.rows import (
    FIRST_DIAGNOSTIC,
    TIDY_COLUMNS,
    Event,
    Pull,
    TidyRows,
    Timeline,
    belongs,
    read_facts,
    wide_columns,
    wide_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zgtui.tables.formats import Row

SLICE = 4096


class StreamingTable:
    """Appends to the table ``path`` what is new in a log, each time ``update`` is called.

    Rows come in chunks: what is new of A, then what is new of B (tidy); a wide row comes once
    every run has reached its step, the rest on ``close``. The columns are fixed by the header:
    ``diagnostics``, else those that the start event announces. A sample may reach the log a moment
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
        self._facts = replace(read_facts(log_folder), changes=())
        if diagnostics is None:
            diagnostics = tuple(self._facts.start.get("diagnostics", (FIRST_DIAGNOSTIC,)))
        self._format = format_of(path)
        runs = self._facts.runs
        self._columns = wide_columns(runs) if wide else (*TIDY_COLUMNS, *diagnostics)
        self._events = EventReader(log_folder)
        self._readers = {run: LossReader(log_folder, run) for run in runs}
        self._seen = dict.fromkeys(runs, 0)
        self._changes: dict[str, deque[Event]] = {run: deque() for run in runs}
        self._samples: dict[str, deque[Event]] = {run: deque() for run in runs}
        self._tidy = {
            run: TidyRows(
                self._facts,
                run,
                diagnostics,
                Timeline(self._facts, run, _pull(self._changes[run]), _pull(self._samples[run])),
            )
            for run in runs
        }
        self._pending = self._format.header(self._columns).encode()
        self._pending_rows = 0
        self._size = 0
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        with as_table_error(path):
            self._descriptor = os.open(
                path, flags | (os.O_TRUNC if overwrite else os.O_EXCL), 0o666
            )
        try:
            self._flush()
            self._write_sidecar(overwrite=overwrite)
        except BaseException:
            os.close(self._descriptor)
            path.unlink()
            raise

    def update(self) -> int:
        """Append what has waited since the last update; return how many rows that were."""
        before = self.rows
        self._flush()
        ready = self._seen
        changed = self._read_events()
        self._seen = {run: reader.available() for run, reader in self._readers.items()}
        self._append(ready, min(ready.values(), default=0))
        if changed:
            self._write_sidecar(overwrite=True)
        return self.rows - before

    def close(self) -> None:
        """Append everything, hand it to the disk and close; may be called again."""
        if self._descriptor < 0:
            return
        try:
            self._flush()
            ready = {run: reader.available() for run, reader in self._readers.items()}
            self._read_events()
            self._append(ready, max(ready.values(), default=0))
            with as_table_error(self.path):
                os.fsync(self._descriptor)
            self._write_sidecar(overwrite=True)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _read_events(self) -> bool:
        """Sort the new events by run; return whether there was a change among them."""
        changes: list[Event] = []
        for event in self._events.read():
            kind, run = event.get("event"), str(event.get("run"))
            if kind not in {"sample", "start"}:
                changes.append(event)
            if run in self._readers and belongs(event, run):
                (self._samples if kind == "sample" else self._changes)[run].append(event)
        self._facts = replace(self._facts, changes=(*self._facts.changes, *changes))
        return bool(changes)

    def _append(self, ready: dict[str, int], common: int) -> None:
        for rows in self._wide_slices(common) if self._wide else self._tidy_slices(ready):
            self._pending = self._format.rows(self._columns, rows).encode()
            self._pending_rows = len(rows)
            self._flush()

    def _tidy_slices(self, ready: dict[str, int]) -> Iterator[list[Row]]:
        for run, reader in self._readers.items():
            while (left := ready[run] - reader.position) > 0:
                first = reader.position + 1
                losses = reader.read(min(SLICE, left))
                if not losses:
                    break
                yield self._tidy[run].rows(first, losses)

    def _wide_slices(self, common: int) -> Iterator[list[Row]]:
        start = max((reader.position for reader in self._readers.values()), default=0)
        for first in range(start, common, SLICE):
            length = min(SLICE, common - first)
            losses = [reader.read(length) for reader in self._readers.values()]
            yield wide_rows(self._facts, first + 1, losses)

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
        steps = {run: reader.available() for run, reader in self._readers.items()}
        text = sidecar_text(self._facts, self.path.name, steps)
        replace_file(sidecar_path(self.path), text, overwrite=overwrite)


def _pull(events: deque[Event]) -> Pull:
    return lambda: events.popleft() if events else None
