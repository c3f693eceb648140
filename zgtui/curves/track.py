"""A curve up to a step: what a replay, a picture and a summary show of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zgtui.curves.trace import Trace
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.runlog.settings_history import SettingsHistory

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing
    from zgtui.curves.recording import Recording


@dataclass
class Track:
    """One curve with what is known of how it was made."""

    name: str
    trace: Trace
    course: SettingsHistory = field(default_factory=SettingsHistory)
    tracker: TrendTracker = field(default_factory=TrendTracker)
    tracker_fed: int = 0

    def settle(self) -> None:
        """Follow the trend through what was appended, then bound the memory it takes."""
        fresh = self.trace.count - self.tracker_fed
        if fresh:
            self.tracker.extend(self.trace.newest(fresh))
            self.tracker_fed = self.trace.count
        self.trace.bound()

    def step_of(self, row: int) -> float | None:
        """The step of the point that came as number ``row``, counted from 1; None if forgotten."""
        trace = self.trace
        if trace.exact:
            return trace.point(row - 1)[0]
        first, last = trace.first_step, trace.last_step
        if first is not None and last is not None and last - first == trace.count - 1:
            return first + row - 1
        return None


class TrackUpTo:
    """``track`` of ``recording`` as far as ``limit``: the source of a chart's curve.

    ``steps`` is the last step shown, 0 where there is none; ``revision`` changes whenever what is
    shown does.
    """

    def __init__(self, recording: Recording, track: Track) -> None:
        self.track = track
        self._recording = recording
        self._limit = math.inf
        self._moves = 0
        self._tracker = TrendTracker()

    @property
    def limit(self) -> float:
        """The last step that may be shown."""
        return self._limit

    @limit.setter
    def limit(self, step: float) -> None:
        if step != self._limit:
            self._limit = step
            self._moves += 1

    @property
    def revision(self) -> int:
        """Changes whenever there is something else to see."""
        return self.track.trace.revision + self._moves

    @property
    def count(self) -> int:
        """Points shown."""
        trace = self.track.trace
        return trace.count if self._is_whole else trace.points_until(self._limit)

    @property
    def last(self) -> tuple[float, float] | None:
        """The newest point shown: step and loss, finite or not."""
        trace = self.track.trace
        until = trace.points_until(self._limit)
        return trace.point(until - 1) if until else None

    @property
    def steps(self) -> int:
        """The last step shown, rounded up."""
        last = self.last
        return math.ceil(last[0]) if last else 0

    def points(self, columns: int, start: float, end: float) -> tuple[list[float], list[float]]:
        """What to draw on ``columns`` columns; steps below 1 are at the first of them."""
        first = self.track.trace.first_step
        if first is not None and start <= 1:
            start = min(start, first)
        return self.track.trace.points(columns, start, end, self._limit)

    @property
    def lr(self) -> float | None:
        """The learning rate of the last step shown; None where it is not known."""
        last = self.last
        return self.track.course.lr_at(last[0]) if last else None

    @property
    def clearing(self) -> Clearing | None:
        """The clearing policy of the last step shown; None where it is not known."""
        last = self.last
        return self.track.course.clearing_at(last[0]) if last else None

    @property
    def changes(self) -> list[tuple[float, str]]:
        """What was changed up to the last step shown."""
        return [change for change in self.track.course.changes() if change[0] <= self._limit]

    def trend(self) -> Trend | None:
        """What the losses shown are doing; None where too little of them is kept to tell.

        ``since`` is a step, or None where it is not kept.
        """
        trace = self.track.trace
        if self._is_whole:
            tracker = self.track.tracker
        elif trace.exact:
            shown = trace.points_until(self._limit)
            if shown < self._tracker_fed:
                self._tracker, self._tracker_fed = TrendTracker(), 0
            self._tracker.extend(trace.losses(self._tracker_fed, shown))
            self._tracker_fed = shown
            tracker = self._tracker
        else:
            return None
        trend = tracker.trend(full_batch=self._recording.full_batch)
        if trend.since is None:
            return trend
        since = self.track.step_of(trend.since)
        return replace(trend, since=None if since is None else math.floor(since))

    _tracker_fed = 0

    @property
    def _is_whole(self) -> bool:
        last = self.track.trace.last_step
        return last is None or last <= self._limit
