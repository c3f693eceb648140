"""A run's log that is looked at, whole or while training writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zgtui.errors import LogError
from zgtui.losses.course import Course, add_change, course_of
from zgtui.losses.log import EVENTS, EventReader, LossReader
from zgtui.losses.rows import logged_runs
from zgtui.losses.trace import Trace
from zgtui.losses.track import Track

if TYPE_CHECKING:
    from pathlib import Path

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

    def _course(self, run: str) -> Course:
        return course_of(run, self._settings, ()) or Course()
