"""The curves of recordings that are no tables themselves, such as event files, as one table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.curves.arrange import chosen_tracks, recording_labels
from zgtui.curves.recordings.opening import Opening
from zgtui.curves.recordings.recording import Recording
from zgtui.curves.trace import Trace, Track
from zgtui.errors import TableError
from zgtui.tables.destination import check_destination, table_drafts, write_cells

if TYPE_CHECKING:
    from zgtui.tables.formats import Cell, Row
    from zgtui.tables.source_rows import Slices

SLICE = 1024
"""Rows written between two turns: some milliseconds."""


def write_curves(
    sources: Sequence[Path],
    path: Path,
    *,
    series: Sequence[str] = (),
    runs: Sequence[str] = (),
    overwrite: bool = False,
) -> Iterator[tuple[int, int]]:
    """Write ``series`` of ``runs`` in ``sources`` to ``path``, whose ending names the format.

    A row for each step of each run, a column for each curve; a column ``run`` where there are
    several. The sources are read again, so that every point is written. Yields (done, in all), once
    for each slice.

    Raises:
        TableError: if they cannot be read or the table not be written.
        LogError: if one is a log that cannot be read.
    """
    check_destination(path, overwrite=overwrite)
    recordings = Opening(sources, wanted=series, runs=runs).find()
    for recording in recordings:
        while recording.read():
            yield 0, 1
        recording.finish()
    parts = _parts(recordings, series, runs)
    names = list(dict.fromkeys(name for _, tracks in parts for name in tracks))
    if not names:
        raise TableError(f"none of the curves asked for is in {sources[0]}")
    several = len(parts) > 1
    axis = recordings[0].axis
    columns = [*(["run"] if several else []), axis, *names]
    with table_drafts(path, overwrite=overwrite) as (table, sidecar):
        yield from write_cells(table, columns, lambda: _slices(parts, names, several=several))
        record = {"table": path.name, "made_from": [source.name for source in sources]}
        sidecar.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


NamedRun = tuple[str, Mapping[str, Track]]
"""A run by name, with its curves."""


def _parts(
    recordings: Sequence[Recording], series: Sequence[str], runs: Sequence[str]
) -> list[NamedRun]:
    parts: list[NamedRun] = []
    for label, recording in zip(recording_labels(recordings), recordings, strict=True):
        tracks = chosen_tracks(recording, series, runs)
        if tracks:
            parts.append((label, tracks))
    return parts


def _slices(parts: Sequence[NamedRun], names: Sequence[str], *, several: bool) -> Slices:
    total = sum(track.trace.count for _, tracks in parts for track in tracks.values())
    done, rows = 0, list["Row"]()
    for label, tracks in parts:
        for step, values in _rows(
            [tracks[name].trace if name in tracks else None for name in names]
        ):
            rows.append([label, step, *values] if several else [step, *values])
            done += len(values) - values.count(None)
            if len(rows) == SLICE:
                yield rows, done, total
                rows = []
    yield rows, total, total


def _rows(traces: Sequence[Trace | None]) -> Iterator[tuple[Cell, list[Cell]]]:
    """The losses of ``traces`` side by side, step by step; a step that came twice has two rows."""
    places = [0] * len(traces)
    while True:
        heads = [_point(trace, at) for trace, at in zip(traces, places, strict=True)]
        step = min((head[0] for head in heads if head is not None), default=math.inf)
        if step == math.inf:
            return
        values: list[Cell] = []
        for number, head in enumerate(heads):
            if head is None or head[0] != step:
                values.append(None)
            else:
                values.append(head[1])
                places[number] += 1
        yield int(step) if step == int(step) else step, values


def _point(trace: Trace | None, at: int) -> tuple[float, float] | None:
    with suppress(IndexError):
        return None if trace is None else trace.point(at)
    return None
