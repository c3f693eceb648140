"""One curve of a recording: its points, how its run was set, and what it is doing."""

from __future__ import annotations

from dataclasses import dataclass, field

from zgtui.losses.course import Course
from zgtui.losses.trace import Trace
from zgtui.losses.trend import TrendTracker


@dataclass
class Track:
    """One curve with what is known of how it was made."""

    name: str
    trace: Trace
    course: Course = field(default_factory=Course)
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
