"""The curves of a script's run: one of all its steps, one for each line that calls ``backward()``.

Each is read from the run's log as it grows, in bounded memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zgtui.config.settings import Curves, RunName
from zgtui.curves.history import LossHistory
from zgtui.curves.places import StepPlaces
from zgtui.curves.trace import Trace, Track
from zgtui.curves.trend import Trend
from zgtui.runlog.events import Place, SeriesFound
from zgtui.runlog.log import LossReader, read_series_steps

CAPACITY = 2**14
"""Points kept of each line's curve to be drawn; the lowest and highest of more of them stay."""
FIRST_STEPS = 64
"""Steps of each line by which it is told whether lines take turns."""


def place_of(found: SeriesFound) -> Place:
    """The line that was found."""
    return found.file, found.line


class SeriesCurve:
    """The losses of one line, each at the step of the run that it belongs to."""

    def __init__(self, log: Path, found: SeriesFound) -> None:
        self.found = found
        self.history = LossHistory()
        """The losses alone, one after the other."""
        self.first_steps: array[float] = array("d")
        """The first FIRST_STEPS of its steps."""
        self._log, self._reader = log, LossReader(log, found.name)
        self.history.reread = self._reader.again
        self._places = StepPlaces(self._read_steps)
        self._track = Track(found.name, Trace(CAPACITY))

    def read(self, limit: int) -> bool:
        """Take in at most ``limit`` new losses; whether there was any."""
        start = self._reader.position
        losses = self._reader.read(limit)
        if not losses:
            return False
        steps = array("d", self._read_steps(start, len(losses)))
        if len(self.first_steps) < FIRST_STEPS:
            self.first_steps.extend(steps[: FIRST_STEPS - len(self.first_steps)])
        self.history.extend(losses)
        self._places.extend(steps)
        self._track.trace.extend(steps, losses)
        self._track.settle()
        return True

    def _read_steps(self, start: int, count: int) -> Sequence[int]:
        steps = read_series_steps(self._log, self.found.name, start, count)
        if len(steps) < count:  # a log of an earlier version, which has no steps
            first = self.found.first_step + start
            return range(first, first + count)
        return steps

    def trend(self, *, full_batch: bool = False) -> Trend:
        """What the losses do; ``since`` is a step of the run, None where that is forgotten."""
        trend = self._track.tracker.trend(full_batch=full_batch)
        since = None if trend.since is None else self._track.step_of(trend.since)
        return replace(trend, since=None if since is None else int(since))

    # What a chart draws

    @property
    def revision(self) -> int:
        """Changes whenever there is something else to draw."""
        return self._track.trace.revision

    @property
    def steps(self) -> int:
        """The newest step of the run that has a loss here; 0 where there is none."""
        return int(self._track.trace.last_step or 0)

    def points(self, columns: int, start: int, end: int) -> tuple[list[float], list[float]]:
        """What to draw of the steps ``start`` to ``end`` on ``columns`` columns.

        A part of the run is exact at any length; see `zgtui.curves.history.LossHistory.points`.
        """
        trace = self._track.trace
        if trace.exact or (start <= 1 and end >= self.steps):
            return trace.points(columns, start, end)
        index, width = self._places.index, end - start + 1
        steps = (start + column * width / columns for column in range(columns + 1))
        places, losses = self.history.between([index(step) for step in steps]) or ([], [])
        return [self._places.step(int(place)) for place in places], losses

    def at(self, step: float) -> float | None:
        """The loss at ``step`` exactly, finite or not; None where the line has none there."""
        index = self._places.index(step)
        found = index < self._places.count and self._places.step(index) == step
        return self.history.at(index + 1) if found else None

    # One loss after the other, as smoothing takes them

    @property
    def length(self) -> int:
        """How many losses there are."""
        return self._places.count

    def slice(self, start: int, count: int) -> array[float] | None:
        """At most ``count`` losses from index ``start`` (0-based) on."""
        return self.history.slice(start, count)

    def step_at(self, index: int) -> float:
        """The step of the loss at ``index``."""
        return self._places.step(index)

    def index_of(self, step: float) -> int:
        """The index of the first loss at ``step`` or later."""
        return self._places.index(step)

    def near(self, step: float, direction: int = 0) -> float | None:
        """Of the steps with a loss, the nearest to ``step`` or next to it; None: there is none."""
        places = self._places
        if not places.count:
            return None
        after = min(places.index(step), places.count - 1)
        before = max(after - 1, 0) if places.step(after) >= step else after
        if direction > 0 and places.step(after) <= step:
            after = min(after + 1, places.count - 1)
        earlier, later = places.step(before), places.step(after)
        if direction:
            return float(later if direction > 0 else earlier)
        return float(earlier if step - earlier < later - step else later)


@dataclass
class RunSeries:
    """The curves of all lines of one run, in the order in which they were met."""

    curves: dict[Place, SeriesCurve] = field(default_factory=dict)

    def add(self, log: Path, found: SeriesFound) -> None:
        """Follow the line ``found`` too."""
        self.curves.setdefault(place_of(found), SeriesCurve(log, found))

    def read(self, limit: int) -> bool:
        """Take in what is new of each, at most ``limit`` losses; whether there was any."""
        return sum(curve.read(limit) for curve in self.curves.values()) > 0

    @property
    def take_turns(self) -> bool:
        """Whether some step has the loss of one line but not of another.

        Their sum then is no loss of anything: it jumps from one line's to another's.
        """
        all_steps = [curve.first_steps for curve in self.curves.values()]
        return any(_differ(all_steps[0], other) for other in all_steps[1:])


def is_split(curves: Curves, runs: Iterable[RunSeries]) -> bool:
    """Whether each line has a curve of its own: as asked for, else where lines take turns."""
    several = [one for one in runs if len(one.curves) > 1]
    if not several or curves == "sum":
        return False
    return curves == "split" or any(one.take_turns for one in several)


def _differ(some: array[float], others: array[float]) -> bool:
    count = min(len(some), len(others))
    return some[:count] != others[:count]


def series_labels(found: Sequence[SeriesFound]) -> dict[Place, str]:
    """A short name for each line: that of its loss, with the line where it stands in several."""
    by_place = {place_of(one): one for one in found}
    names = [one.loss for one in by_place.values()]
    return {
        place: one.loss if one.loss and names.count(one.loss) == 1 else _with_line(one)
        for place, one in by_place.items()
    }


def _with_line(found: SeriesFound) -> str:
    return f"{found.loss or Path(found.file).name}:{found.line}"


def found_by_both(runs: Mapping[RunName, Sequence[SeriesFound]]) -> list[SeriesFound]:
    """Each line that either run has met, once, in the order of the first that met it."""
    places = {place_of(one): one for found in runs.values() for one in reversed(found)}
    ordered = dict.fromkeys(place_of(one) for found in runs.values() for one in found)
    return [places[place] for place in ordered]
