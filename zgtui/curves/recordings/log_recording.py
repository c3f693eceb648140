"""The log of a comparison that is looked at, whole or while the training process writes it."""

from __future__ import annotations

from array import array

from zgtui.curves.recordings.recording import FileState, Recording
from zgtui.curves.trace import Trace, Track, run_of
from zgtui.errors import LogError
from zgtui.runlog.events import Event, SeriesFound, Started, change_of
from zgtui.runlog.follow import Follower
from zgtui.runlog.log import EVENTS, LossReader, read_series_steps
from zgtui.runlog.settings_history import SettingsHistory, course_of
from zgtui.tables.rows import logged_runs
from zgtui.tables.series import line_names, series_places

LOG_PIECE = 16 * 1024
"""Losses of each run read in one go: a few milliseconds."""


class LogRecording(Recording):
    """The log of a comparison, as the training process writes it."""

    @property
    def share(self) -> float:
        """How much of the runs' losses is read, from 0 to 1."""
        return self._follower.share

    def finish(self) -> None:
        """Check that training has begun in the log."""
        if not any(track.trace.count for track in self.tracks.values()):
            raise LogError(f"the log {self.path} holds no losses yet: training has not started")

    def _begin(self) -> None:
        super()._begin()
        self._follower = Follower(self.path, ())
        self._settings = {}
        self._series: list[SeriesFound] = []
        self._readers: dict[str, LossReader] = {}
        self._identity: tuple[int, int] | None = None

    def _look(self) -> FileState:
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
                self.tracks[run] = Track(run, Trace(self._capacity), self._course(run), run=run)
                self._follower.add(run)
        update = self._follower.read(LOG_PIECE)
        for event in update.events:
            self._take(event)
        for chunk in update.chunks:
            for run, losses in chunk.losses.items():
                steps = range(chunk.first_step, chunk.first_step + len(losses))
                self.tracks[run].trace.extend(steps, losses)
        found = self._take_series()  # last: where it fails, what was read is in its place
        self._settle()
        return bool(update) or update.more or found

    def _take_series(self) -> bool:
        """Take in the losses of each line of a script that calls ``backward()``."""
        places, found = series_places(self._series), False
        for place, line in line_names(places).items():
            for run, series in places[place].items():
                name = f"{run} {line}"
                if name not in self.tracks:
                    self._readers[name] = LossReader(self.path, series)
                    self.tracks[name] = Track(
                        name, Trace(self._capacity), self._course(run), run=run
                    )
                found = self._take_losses(name, series) or found
        return found

    def _take_losses(self, name: str, series: str) -> bool:
        reader, track = self._readers[name], self.tracks[name]
        steps = array("d", read_series_steps(self.path, series, reader.position, LOG_PIECE))
        losses = reader.read(len(steps))
        track.trace.extend(steps[: len(losses)], losses)
        return len(losses) > 0

    def _take(self, event: Event) -> None:
        if isinstance(event, SeriesFound):
            self._series.append(event)
        if isinstance(event, Started):
            self._settings = event.settings
            self.full_batch = event.fields.get("full_batch") is True
            self._take_pace(event.fields)
            self.same_init = event.fields.get("same_init") is True
        for name, track in self.tracks.items():
            if isinstance(event, Started):
                track.course = self._course(run_of(name))
            track.course.note(change_of(event, run_of(name)))

    def _course(self, run: str) -> SettingsHistory:
        return course_of(run, self._settings, ()) or SettingsHistory()
