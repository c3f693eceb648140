"""A loss table that is looked at, whole or while another process writes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from zgtui.curves.trace import Trace, Track, run_of
from zgtui.errors import LogError, TableError
from zgtui.ipc import parse_json
from zgtui.runlog.events import Event, SeriesFound, Started, change_of, from_fields
from zgtui.runlog.follow import Follower
from zgtui.runlog.log import EVENTS, LossReader, read_series_steps
from zgtui.runlog.settings_history import SettingsHistory, course_of
from zgtui.tables.destination import sidecar_path
from zgtui.tables.lines import TailedFile
from zgtui.tables.read import TableRows
from zgtui.tables.rows import logged_runs
from zgtui.tables.series import line_names, series_places

LOG_PIECE = 16 * 1024
"""Losses of each run read in one go: a few milliseconds."""
State = Literal["gone", "replaced", "there"]


class Recording(ABC):
    """What is being looked at: the curves in ``path``.

    ``capacity`` bounds the points kept of each; None keeps all.
    """

    def __init__(self, path: Path, capacity: int | None) -> None:
        self.path = path
        self.axis = "step"
        """What counts the steps, as a word."""
        self.full_batch = False
        """Whether every step is known to have seen the same data."""
        self.trouble = ""
        """What keeps more from being read, as a sentence; empty where nothing does."""
        self._capacity = capacity
        self._settings: Mapping[str, Any] = {}
        self._begin()

    def read(self) -> bool:
        """Take in the next piece; False where there was nothing new.

        Raises:
            TableError: if it is a table that cannot be read.
            LogError: if it is a log that cannot be read.
        """
        state = self._look()
        if state == "gone":
            self.trouble = f"{self.path.name} is gone; waiting for it to come back"
        elif state == "replaced":
            self._begin()
            return True
        elif not self._given_up:
            self.trouble = ""
            return self._take_piece()
        return False

    def give_up(self, reason: str) -> None:
        """Read no more of what is there, for ``reason``; what takes its place is a new start."""
        self.trouble, self._given_up = reason, True

    @abstractmethod
    def finish(self) -> None:
        """Nothing more is to come: what was read must now be complete.

        Raises:
            TableError: if it is no table that can be shown.
            LogError: if it is no log that can be shown.
        """

    @property
    @abstractmethod
    def share(self) -> float:
        """How much of what is there was read, from 0 to 1."""

    def _begin(self) -> None:
        self._given_up = False
        self.tracks: dict[str, Track] = {}
        """The curves by name. A replaced file begins with new ones."""

    @abstractmethod
    def _look(self) -> State:
        """What has become of the file or the log since the last look."""

    @abstractmethod
    def _take_piece(self) -> bool:
        """Take in what is there; False where there was nothing new."""


class LogRecording(Recording):
    """The log of a comparison, as the training process writes it."""

    @property
    def share(self) -> float:
        """How much of the runs' losses is read, from 0 to 1."""
        return self._follower.share

    def finish(self) -> None:
        """Check that training has begun in the log."""
        if not any(track.trace.count for track in self.tracks.values()):
            raise LogError(f"the log {self.path} holds no losses yet: training has not begun in it")

    def _begin(self) -> None:
        super()._begin()
        self._follower = Follower(self.path, ())
        self._settings = {}
        self._series: list[SeriesFound] = []
        self._readers: dict[str, LossReader] = {}
        self._identity: tuple[int, int] | None = None

    def _look(self) -> State:
        try:
            status = (self.path / EVENTS).stat()
        except OSError:
            return "gone"
        identity = (status.st_dev, status.st_ino)
        before, self._identity = self._identity, identity
        replaced = self._follower.cut_short or before not in {None, identity}
        return "replaced" if replaced else "there"

    def _take_piece(self) -> bool:
        for run in logged_runs(self.path):
            if run not in self.tracks:
                self.tracks[run] = Track(run, Trace(self._capacity), self._course(run))
                self._follower.add(run)
        update = self._follower.read(LOG_PIECE)
        for event in update.events:
            self._take(event)
        found = self._take_series()
        for chunk in update.chunks:
            for run, losses in chunk.losses.items():
                steps = range(chunk.first_step, chunk.first_step + len(losses))
                self.tracks[run].trace.extend(steps, losses)
                self.tracks[run].settle()
        return bool(update) or update.more or found

    def _take_series(self) -> bool:
        """Take in the losses of each line of a script that calls ``backward()``."""
        places, found = series_places(self._series), False
        for place, line in line_names(places).items():
            for run, series in places[place].items():
                name = f"{run} {line}"
                if name not in self.tracks:
                    self._readers[name] = LossReader(self.path, series)
                    self.tracks[name] = Track(name, Trace(self._capacity), self._course(run))
                found = self._take_losses(name, series) or found
        return found

    def _take_losses(self, name: str, series: str) -> bool:
        reader, track = self._readers[name], self.tracks[name]
        start = reader.position
        losses = reader.read(LOG_PIECE)
        steps = array("d", read_series_steps(self.path, series, start, len(losses)))
        track.trace.extend(steps, losses[: len(steps)])
        track.settle()
        return len(losses) > 0

    def _take(self, event: Event) -> None:
        if isinstance(event, SeriesFound):
            self._series.append(event)
        if isinstance(event, Started):
            self._settings = event.settings
            self.full_batch = event.fields.get("full_batch") is True
        for name, track in self.tracks.items():
            if isinstance(event, Started):
                track.course = self._course(run_of(name))
            track.course.note(change_of(event, run_of(name)))

    def _course(self, run: str) -> SettingsHistory:
        return course_of(run, self._settings, ()) or SettingsHistory()


class TableRecording(Recording):
    """A table of ours or of others."""

    def __init__(self, path: Path, capacity: int | None) -> None:
        self._file = TailedFile(path)
        self._lines: list[str] = []
        self._changes: list[Event] = []
        self._sidecar_stamp: tuple[int, int] | None = None
        super().__init__(path, capacity)

    @property
    def share(self) -> float:
        """How much of the file is read, from 0 to 1."""
        return self._file.share

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
        super()._begin()
        self._rows = TableRows(self.path, lambda: Trace(self._capacity))

    def _look(self) -> State:
        """Read some 64 kB. A line still being written waits for its end."""
        self._news, self._lines = self._file.read()
        return self._news if self._news in {"gone", "replaced"} else "there"

    def _take_piece(self) -> bool:
        renewed = self._read_sidecar()
        self._rows.take(self._lines)
        if self._lines or renewed:
            self._name_tracks()
        return self._news == "lines"

    def _name_tracks(self) -> None:
        self.axis = self._rows.axis or self.axis
        tracks: dict[str, Track] = {}
        for name, trace in self._rows.curves().items():
            course = course_of(run_of(name), self._settings, self._changes)
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
            read = parse_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # A table is complete without one; what lies there may be anything.
            return False
        ours = read if isinstance(read, dict) and read.get("table") == self.path.name else {}
        settings, changes = ours.get("settings"), ours.get("changes")
        self._settings = settings if isinstance(settings, dict) else {}
        events = map(from_fields, changes if isinstance(changes, list) else [])
        self._changes = [event for event in events if event is not None]
        self.full_batch = ours.get("full_batch") is True
        return True


FOLLOWED_POINTS = 2**17
"""Points kept of each curve that is followed; beyond that the finest detail is merged."""


def open_recording(path: Path, *, follow: bool = False) -> Recording:
    """The table or log at ``path``, nothing of it read yet.

    ``follow``: keep memory bounded, and wait where there is nothing yet.

    Raises:
        TableError: if there is no such file.
        LogError: if it is a folder that holds no log.
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
        raise TableError(f"there is no file {path}")
    if not path.is_file():
        raise TableError(f"{path} is neither a file nor a folder: it cannot be read as a table")
    return TableRecording(path, capacity)


def read_whole(path: Path) -> Recording:
    """Everything that ``path`` holds now.

    Raises:
        TableError: if it is no table that can be shown.
        LogError: if it is a folder that holds no log, or an empty one.
    """
    recording = open_recording(path)
    while recording.read():
        pass
    recording.finish()
    return recording
