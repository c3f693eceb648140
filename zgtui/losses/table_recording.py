"""A loss table that is looked at, whole or while another process writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zgtui.errors import TableError
from zgtui.losses.course import Course, course_of
from zgtui.losses.destination import sidecar_path
from zgtui.losses.reading import TableRows
from zgtui.losses.tail import TailedFile
from zgtui.losses.trace import Trace
from zgtui.losses.track import Track

if TYPE_CHECKING:
    from pathlib import Path


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
            course = course or self._rows.course(name) or Course()
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
