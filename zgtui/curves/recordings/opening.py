"""What paths on the command line are: tables, logs, and the runs of other tools' folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from zgtui.curves.recordings.event_files import PATTERN, EventsRecording
from zgtui.curves.recordings.log_recording import LogRecording
from zgtui.curves.recordings.parquet_file import ParquetRecording
from zgtui.curves.recordings.recording import Recording, run_matches
from zgtui.curves.recordings.table_recording import TableRecording
from zgtui.curves.recordings.trackio_store import TrackioRecording, is_sqlite, runs_in
from zgtui.curves.recordings.trainer_state import STATE_FILE, TrainerStateRecording, newest_state
from zgtui.errors import LogError, TableError
from zgtui.runlog.log import EVENTS
from zgtui.tables.formats import is_compressed, is_parquet

FOLLOWED_POINTS = 2**23
"""Points kept of each curve that is followed; beyond that the finest detail is merged.

That is some 64 MB: up to here what is zoomed is exact to the step."""
METRICS = "metrics.csv"
"""What the CSVLogger of Lightning writes in the folder of a run."""
WANDB = ".wandb"
"""How the file of an offline run of W&B ends."""
OF_WANDB = (
    "whose format only W&B reads: upload it with 'wandb sync', export its history as CSV, and name"
    " that"
)
MAX_FOLDERS = 2000
"""Folders looked into; a tree that has more is hardly one of runs."""
Kind = type[Recording]


class Opening:
    """Finds what ``paths`` hold, nothing of it read yet.

    ``follow``: keep memory bounded, and wait where there is nothing yet. ``wanted`` names curves
    beside the losses, ``runs`` the runs to open, both as patterns; none means all.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        follow: bool = False,
        wanted: Sequence[str] = (),
        runs: Sequence[str] = (),
    ) -> None:
        self._paths, self._wanted, self._runs = paths, wanted, runs
        self._capacity = FOLLOWED_POINTS if follow else None
        self._known: set[tuple[Path, str]] = set()

    def find(self) -> list[Recording]:
        """What was not found before.

        Raises:
            TableError: if there is no such file, or it is none that can be shown.
            LogError: if it is a folder that holds neither a log nor runs.
        """
        found = [one for path in self._paths for one in _found(path)]
        compressed = next((path for _, path, _ in found if is_compressed(path)), None)
        if compressed is not None and self._capacity is not None:
            raise TableError(
                f"{compressed} is compressed, so nothing is added to it: leave out --follow"
            )
        wanted = [one for one in found if not one[2] or run_matches(one[2], self._runs)]
        if found and not wanted:
            names = ", ".join(sorted({name for _, _, name in found})[:20])
            raise TableError(f"no run is called {' or '.join(self._runs)}. Available: {names}")
        new = [one for one in wanted if (one[1], one[2]) not in self._known]
        self._known.update((path, name) for _, path, name in new)
        return [kind(path, self._capacity, self._wanted, name) for kind, path, name in new]


def read_whole(path: Path) -> Recording:
    """Everything that the one recording at ``path`` holds now.

    Raises:
        TableError: if it is no table that can be shown.
        LogError: if it is a folder that holds no log, or an empty one.
    """
    return read_all(Opening([path]))[0]


def read_all(opening: Opening) -> list[Recording]:
    """Everything that can be found now, read; raises as ``read_whole``."""
    recordings = opening.find()
    for recording in recordings:
        drain(recording)
    return recordings


def drain(recording: Recording) -> None:
    """Read all that ``recording`` holds now; raises as ``read_whole``."""
    while recording.read():
        pass
    recording.finish()


def _found(path: Path) -> list[tuple[Kind, Path, str]]:
    """The kind, the place and the name of each recording at ``path``."""
    if not path.exists():
        raise TableError(f"there is no file {path}")
    if path.is_dir():
        return [(LogRecording, path, "")] if (path / EVENTS).is_file() else _in_folder(path)
    if not path.is_file():
        raise TableError(f"{path} is neither a file nor a folder, so it cannot be read as a table")
    return _in_file(path)


def _in_file(path: Path) -> list[tuple[Kind, Path, str]]:
    ending = path.suffix.lower()
    if ending == WANDB:
        raise TableError(f"{path} is an offline run of W&B, {OF_WANDB}")
    if fnmatchcase(path.name, PATTERN):
        return [(EventsRecording, path, "")]
    if is_parquet(path):
        return [(ParquetRecording, path, "")]
    if ending == ".json":
        return [(TrainerStateRecording, path, "")]
    if is_sqlite(path):
        return _of_trackio(path)
    return [(TableRecording, path, "")]


def _of_trackio(path: Path) -> list[tuple[Kind, Path, str]]:
    runs = runs_in(path)
    if not runs:
        raise TableError(f"{path} has no metrics yet: it is a trackio project without runs")
    return [(TrackioRecording, path, run) for run in runs]


def _in_folder(folder: Path) -> list[tuple[Kind, Path, str]]:
    found = [one for place in _folders(folder) for one in _runs_of(place, _name(place, folder))]
    if not found and any(next(place.glob(f"*{WANDB}"), None) for place in _folders(folder)):
        raise LogError(f"{folder} holds offline runs of W&B, {OF_WANDB}")
    if not found:
        raise LogError(
            f"{folder} is not a run log: it has no {EVENTS}, and it contains no TensorBoard"
            f" (*tfevents*), Lightning ({METRICS}), transformers ({STATE_FILE}) or trackio (*.db)"
            " runs. Name a loss table, or the folder of a run log"
        )
    return found


def _runs_of(place: Path, name: str) -> list[tuple[Kind, Path, str]]:
    """The run that the folder ``place`` itself is, whatever wrote it, or the runs in its files."""
    if (place / METRICS).is_file():
        return [(TableRecording, place / METRICS, name)]
    if newest_state(place):
        return [(TrainerStateRecording, place, name)]
    if next(place.glob(PATTERN), None):
        return [(EventsRecording, place, name)]
    stores = [file for file in sorted(place.glob("*.db")) if is_sqlite(file)]
    return [one for store in stores for one in _of_trackio(store)]


def _folders(folder: Path) -> Iterator[Path]:
    """``folder`` and the folders in it; a trainer's checkpoints belong to the one they are in."""
    for path, names, _ in islice(os.walk(folder), MAX_FOLDERS):
        names[:] = sorted(name for name in names if not name.startswith((".", "checkpoint-")))
        yield Path(path)


def _name(place: Path, folder: Path) -> str:
    return folder.name if place == folder else place.relative_to(folder).as_posix()
