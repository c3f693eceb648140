"""A loss table that is looked at, whole or while another process writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.curves.trace import Trace, Track
from zgtui.errors import LogError
from zgtui.runlog.log import EVENTS, EventReader, LossReader
from zgtui.runlog.settings_history import SettingsHistory, add_change, course_of
from zgtui.tables.rows import logged_runs

if TYPE_CHECKING:
    from pathlib import Path
import json
from typing import TYPE_CHECKING

from zgtui.errors import TableError
from zgtui.tables.destination import sidecar_path
from zgtui.tables.lines import TailedFile
from zgtui.tables.read import TableRows

if TYPE_CHECKING:
    from pathlib import Path
from pathlib import Path
from typing import Protocol

LOG_PIECE = 16 * 1024
"""Losses of each run read in one go: a few milliseconds."""


class LogRecording:
    """The log of a comparison, as the training process writes it."""

    def __init__(self, folder: Path, capacity: int | None) -> None:
        self.path = folder
        self.axis = "step"
        self.full_batch = False
        self.trouble = ""
        self.tracks: dict[str, Track] = {}
        self._capacity = capacity
        self._begin()

    @property
    def share(self) -> float:
        """How much of the runs' files is read."""
        there = sum(reader.available() for reader in self._readers.values())
        read = sum(reader.position for reader in self._readers.values())
        return min(1.0, read / there) if there else 1.0

    def read(self) -> bool:
        """Take in the new events and some thousand losses of each run."""
        if not (self.path / EVENTS).is_file():
            self.trouble = f"{self.path.name} is gone; waiting for it to come back"
            return False
        if self._was_replaced():
            self._begin()
            return True
        if self._given_up:
            return False
        self.trouble = ""
        for run in logged_runs(self.path):
            if run not in self.tracks:
                self.tracks[run] = Track(run, Trace(self._capacity), self._course(run))
                self._readers[run] = LossReader(self.path, run)
        news = False
        for event in self._events.read():
            news = True
            self._take(event)
        for run, reader in self._readers.items():
            first = reader.position + 1
            losses = reader.read(LOG_PIECE)
            if losses:
                news = True
                self.tracks[run].trace.extend(range(first, first + len(losses)), losses)
                self.tracks[run].settle()
        return news

    def give_up(self, reason: str) -> None:
        """Read no more of this log, for ``reason``; another log in its place is a new start."""
        self.trouble, self._given_up = reason, True

    def finish(self) -> None:
        """Check that training has begun in the log."""
        if not any(track.trace.count for track in self.tracks.values()):
            raise LogError(f"the log {self.path} holds no losses yet: training has not begun in it")

    def _begin(self) -> None:
        self._given_up = False
        self.tracks = {}
        self._events = EventReader(self.path)
        self._readers: dict[str, LossReader] = {}
        self._settings: dict[str, Any] = {}
        self._identity: tuple[int, int] | None = None

    def _was_replaced(self) -> bool:
        try:
            status = (self.path / EVENTS).stat()
        except OSError:
            return False
        identity = (status.st_dev, status.st_ino)
        before, self._identity = self._identity, identity
        shorter = any(reader.available() < reader.position for reader in self._readers.values())
        return shorter or before not in {None, identity}

    def _take(self, event: dict[str, Any]) -> None:
        if event.get("event") == "start":
            settings = event.get("settings")
            self._settings = settings if isinstance(settings, dict) else {}
            self.full_batch = event.get("full_batch") is True
            for name, track in self.tracks.items():
                track.course = self._course(name)
        elif str(event.get("run")) in self.tracks:
            add_change(self.tracks[str(event["run"])].course, event)

    def _course(self, run: str) -> SettingsHistory:
        return course_of(run, self._settings, ()) or SettingsHistory()


class TableRecording:
    """A table of ours or of others."""

    def __init__(self, path: Path, capacity: int | None) -> None:
        self.path = path
        self.axis = "step"
        self.full_batch = False
        self.trouble = ""
        self.tracks: dict[str, Track] = {}
        self._capacity = capacity
        self._file = TailedFile(path)
        self._sidecar: dict[str, Any] = {}
        self._sidecar_stamp: tuple[int, int] | None = None
        self._begin()

    @property
    def share(self) -> float:
        """How much of the file is read."""
        return self._file.share

    def read(self) -> bool:
        """Take in some 64 kB. A line still being written waits for its end."""
        renewed = self._read_sidecar()
        news, lines = self._file.read()
        if news == "gone":
            self.trouble = f"{self.path.name} is gone; waiting for it to come back"
            return False
        if news == "replaced":
            self._begin()
            return True
        if self._given_up:
            return False
        self.trouble = ""
        self._rows.take(lines)
        if lines or renewed:
            self._name_tracks()
        return news == "lines"

    def give_up(self, reason: str) -> None:
        """Read no more of this file, for ``reason``; another file by its name is a new start."""
        self.trouble, self._given_up = reason, True

    def finish(self) -> None:
        """Take the last line also where it lacks its end."""
        if self.trouble:
            raise TableError(f"cannot read {self.path}: no such file or directory")
        self._rows.take(self._file.rest())
        self._rows.check_complete()
        self._name_tracks()
        if not self.tracks:
            raise TableError(f"{self.path} holds no losses yet: it ends after its column names")

    def _begin(self) -> None:
        self._given_up = False
        self._rows = TableRows(self.path, lambda: Trace(self._capacity))
        self.tracks = {}

    def _name_tracks(self) -> None:
        self.axis = self._rows.axis or self.axis
        told = self._sidecar
        tracks: dict[str, Track] = {}
        for name, trace in self._rows.curves().items():
            course = course_of(name, told.get("settings") or {}, told.get("changes") or [])
            course = course or self._rows.course(name) or SettingsHistory()
            known = self.tracks.get(name)
            if known is not None and known.trace is trace:
                known.course = course
                tracks[name] = known
            else:
                tracks[name] = Track(name, trace, course)
            tracks[name].settle()
        self.tracks = tracks

    def _read_sidecar(self) -> bool:
        """Read what stands beside the table, where it is ours and new; whether it was."""
        path = sidecar_path(self.path)
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if path == self.path or stamp == self._sidecar_stamp:
                return False
            self._sidecar_stamp = stamp
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # A table is complete without one; what lies there may be anything.
            return False
        ours = isinstance(told, dict) and told.get("table") == self.path.name
        settings = told.get("settings") if ours else None
        changes = told.get("changes") if ours else None
        self._sidecar = {
            "settings": settings if isinstance(settings, dict) else {},
            "changes": [change for change in changes if isinstance(change, dict)]
            if isinstance(changes, list)
            else [],
        }
        self.full_batch = ours and told.get("full_batch") is True
        return True


FOLLOWED_POINTS = 2**17
"""Points kept of each curve that is followed; beyond that the finest detail is merged."""


class Recording(Protocol):
    """What is being looked at."""

    path: Path
    axis: str
    """What counts the steps, as a word."""
    tracks: dict[str, Track]
    """The curves by name. A replaced file begins with new ones."""
    full_batch: bool
    """Whether every step is known to have seen the same data."""
    trouble: str
    """What keeps more from being read, as a sentence; empty where nothing does."""

    def read(self) -> bool:
        """Take in the next piece; False where there was nothing new.

        Raises TableError or LogError where what is there cannot be read.
        """

    def give_up(self, reason: str) -> None:
        """Read no more of what is there, for ``reason``; what takes its place is a new start."""

    def finish(self) -> None:
        """Say that nothing more is to come: what was read must now be complete.

        Raises TableError or LogError where it is nothing that can be shown.
        """

    @property
    def share(self) -> float:
        """How much of what is there was read, from 0 to 1."""


def open_recording(path: Path, *, follow: bool = False) -> Recording:
    """The table or log at ``path``, nothing of it read yet.

    ``follow``: keep memory bounded, and wait where there is nothing yet. Raises TableError or
    LogError where there is neither.
    """
    capacity = FOLLOWED_POINTS if follow else None
    if path.is_dir():
        if not (path / EVENTS).is_file():
            raise LogError(
                f"{path} is a folder, but no run's log: it has no {EVENTS}; name a loss table,"
                " or the folder of a run's log"
            )
        return LogRecording(path, capacity)
    if not path.exists():
        raise TableError(f"there is no file {path}; name a loss table that exists")
    if not path.is_file():
        raise TableError(f"{path} is neither a file nor a folder: it cannot be read as a table")
    return TableRecording(path, capacity)


def read_whole(path: Path) -> Recording:
    """Everything that ``path`` holds now. Raises TableError or LogError where it is nothing."""
    recording = open_recording(path)
    while recording.read():
        pass
    recording.finish()
    return recording
