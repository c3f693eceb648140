"""What is looked at: curves that are read piece by piece, whole or while they are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from zgtui.curves.trace import Trace, Track, run_of
from zgtui.errors import TableError, ZgtuiError
from zgtui.runlog.events import Event
from zgtui.runlog.log import is_stale
from zgtui.runlog.settings_history import SettingsHistory, course_of
from zgtui.tables.read import TableRows
from zgtui.tables.step_counts import Counted, StepCounts

MAX_BYTES = 96 * 2**20
"""Memory for the points of one recording; beyond it the finest detail of its curves is merged."""
FileState = Literal["gone", "replaced", "there"]


class Recording(ABC):
    """What is being looked at: the curves in ``path``.

    ``capacity`` bounds the points kept of each; None keeps all. ``wanted`` names curves that are
    to be read beside the losses, as patterns. ``name`` is that of a run which is all of it.
    """

    def __init__(
        self, path: Path, capacity: int | None, wanted: Sequence[str] = (), name: str = ""
    ) -> None:
        self.path, self.name = path, name
        self.axis = "step"
        """What counts the steps, as a word."""
        self.counts_rows = False
        """Whether that is the rows of a table, as no column of it counts steps."""
        self.full_batch = False
        """Whether every step is known to have seen the same data."""
        self.steps_per_epoch = self.samples_per_step = 0
        """0 where that is not known."""
        self.same_init = False
        """Whether both runs are known to have started from the same weights."""
        self.trouble = ""
        """What keeps more from being read, as a sentence; empty where nothing does."""
        self._capacity, self._wanted = capacity, wanted
        self._settings: Mapping[str, Any] = {}
        self._begin()

    def read(self) -> bool:
        """Take in the next piece; False where there was nothing new.

        Raises:
            TableError: if it is a table that cannot be read.
            LogError: if it is a log that cannot be read.
        """
        try:
            return self._read()
        except ZgtuiError as error:
            if self._capacity is None or not is_stale(error):  # what is followed may come back
                raise
            self.trouble = f"{self.path.name} cannot be read just now (stale file handle); waiting"
            return False

    def _read(self) -> bool:
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

    def knows(self, name: str) -> bool:
        """Whether it is known how the run of the curve ``name`` was set: zgtui trained it."""
        return isinstance(self._settings.get(run_of(name).lower()), dict)

    @property
    def seed(self) -> int | None:
        """The seed of what was trained; None where it is not known."""
        seed = self._settings.get("seed")
        return seed if isinstance(seed, int) else None

    def give_up(self, reason: str) -> None:
        """Read no more of what is there, for ``reason``; what takes its place is a new start."""
        self.trouble, self._given_up = reason, True

    def _take_pace(self, start: Mapping[str, Any]) -> None:
        """How many steps an epoch has, and samples a step, by what a training said at its start."""
        self.steps_per_epoch = _count(start.get("steps_per_epoch"))
        self.samples_per_step = _count(start.get("samples_per_step"))

    def _settle(self) -> None:
        """Follow the trends through what was appended, then bound the memory that it takes."""
        for track in self.tracks.values():
            track.settle()
            track.trace.bound_bytes(MAX_BYTES // len(self.tracks))

    @abstractmethod
    def finish(self) -> None:
        """Nothing more is to come: what was read must now be complete.

        Raises:
            TableError: if it is no table that can be shown.
            LogError: if it is no log that can be shown.
        """

    def counts(self, run: str, kind: Counted) -> StepCounts | None:
        """What its own columns say of ``kind`` at the steps of ``run``; None where nothing does."""
        del run, kind
        return None

    @property
    @abstractmethod
    def share(self) -> float:
        """How much of what is there was read, from 0 to 1."""

    def _begin(self) -> None:
        self._given_up = False
        self.tracks: dict[str, Track] = {}
        """The curves by name. A replaced file begins with new ones."""

    @abstractmethod
    def _look(self) -> FileState:
        """What has become of the file or the log since the last look."""

    @abstractmethod
    def _take_piece(self) -> bool:
        """Take in what is there; False where there was nothing new."""


class RowsRecording(Recording):
    """Rows of named values, whatever they are kept in."""

    def __init__(
        self, path: Path, capacity: int | None, wanted: Sequence[str] = (), name: str = ""
    ) -> None:
        self._changes: list[Event] = []
        super().__init__(path, capacity, wanted, name)

    def finish(self) -> None:
        """Check that it was read, and that there is something to show."""
        if self._problem:
            raise TableError(self._problem)
        if self.trouble:
            raise TableError(f"cannot read {self.path}: no such file or directory")
        self._rows.check_complete()
        self._name_tracks()
        if not self.tracks:
            raise TableError(f"{self.path} holds no losses yet: it has only a header so far")

    def counts(self, run: str, kind: Counted) -> StepCounts | None:
        """What a column counts at the rows of ``run``."""
        found = self._rows.counts.get((run, kind))
        return found if found is not None and found.known else None

    def _begin(self) -> None:
        super()._begin()
        self._problem = ""
        """Why it cannot be read as a whole, as one sentence; empty where it can."""
        self._rows = TableRows(self.path, lambda: Trace(self._capacity), self._wanted)

    def _name_tracks(self) -> None:
        self.axis, self.counts_rows = self._rows.axis or self.axis, self._rows.counts_rows
        tracks: dict[str, Track] = {}
        for name, trace in self._rows.curves().items():
            course = course_of(run_of(name), self._settings, self._changes)
            course = course or self._rows.course(name) or SettingsHistory()
            known = self.tracks.get(name)
            if known is not None and known.trace is trace:
                known.course = course
                tracks[name] = known
            else:
                tracks[name] = Track(name, trace, course, run=self._rows.run_of(name))
        self.tracks = tracks
        self._settle()


def _count(value: object) -> int:
    """A number that counts something; 0 for anything else."""
    return value if isinstance(value, int) and value > 0 else 0


def run_matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether the run ``name``, or the last part of it, fits one of ``patterns``; none fit all."""
    last = name.rpartition("/")[2]
    return not patterns or any(fnmatchcase(name, one) or fnmatchcase(last, one) for one in patterns)
