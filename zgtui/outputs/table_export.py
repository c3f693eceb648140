"""What ``zgtui view`` is shown, written as a table in another format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zgtui.curves.curve_table import write_curves
from zgtui.curves.recordings.log_recording import LogRecording
from zgtui.curves.recordings.opening import Opening
from zgtui.curves.recordings.parquet_file import ParquetRecording
from zgtui.curves.recordings.recording import Recording
from zgtui.curves.recordings.table_recording import TableRecording
from zgtui.tables.export import convert, export


def table_of(recording: Recording, path: Path, *, overwrite: bool) -> Iterator[tuple[int, int]]:
    """Write ``recording`` to ``path``: all columns of a log or a table, the curves of all else.

    Yields (done, in all), once for each slice.

    Raises:
        TableError: if it cannot be read or the table not be written.
        LogError: if it is a log that cannot be read.
    """
    if isinstance(recording, LogRecording):
        return export(recording.path, path, overwrite=overwrite)
    if isinstance(recording, TableRecording | ParquetRecording):
        return convert(recording.path, path, overwrite=overwrite)
    return write_curves([recording.path], path, runs=[recording.name or "*"], overwrite=overwrite)


def export_all(paths: Sequence[Path], path: Path, values: Mapping[str, Any]) -> None:
    """Write what is at ``paths`` to ``path`` as the options choose; raises as above."""
    overwrite = bool(values["overwrite"])
    series, runs = values["series"] or (), values["runs"] or ()
    recordings = Opening(paths, wanted=series, runs=runs).find()
    if len(recordings) == 1 and not series and not runs:
        writing = table_of(recordings[0], path, overwrite=overwrite)
    else:
        writing = write_curves(paths, path, series=series, runs=runs, overwrite=overwrite)
    for _ in writing:
        pass
