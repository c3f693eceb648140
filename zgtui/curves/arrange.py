"""What is shown of recordings: which curves share a chart, and each up to which step."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.curves.recordings.recording import Recording, run_matches
from zgtui.curves.trace import Track, run_of
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.errors import TableError, suggest
from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from zgtui.config.settings import Clearing

MAX_CHARTS = 4
MAX_CURVES = 6
"""Curves in one chart; more could not be told apart."""


@dataclass(frozen=True)
class ShownCurve:
    """One curve: ``label`` tells it from the others of its chart, ``colour`` counts from 0."""

    label: str
    recording: Recording
    track: Track
    colour: int


@dataclass(frozen=True)
class Chart:
    """The curves of one chart; ``left_out`` more had no room there, where the title says none."""

    title: str
    curves: tuple[ShownCurve, ...]
    left_out: int = 0


def arrange(
    recordings: Sequence[Recording],
    chosen: Sequence[str] = (),
    *,
    runs: Sequence[str] = (),
    more_to_come: bool = False,
) -> list[Chart]:
    """Up to four charts, one for each name of a curve, else one chart of the first curves.

    Curves of one name, from different files, share a chart. ``chosen`` names the curves to show,
    ``runs`` the runs, both as patterns; none means all.

    Raises:
        TableError: if there is no curve of a chosen name or run and no more to come.
    """
    parts = [
        _Part(recording, label, _tracks_of(recording, runs))
        for recording, label in zip(recordings, recording_labels(recordings), strict=True)
    ]
    found = list(dict.fromkeys(name for part in parts for name in part.tracks))
    known = dict.fromkeys(run_of(name) for one in recordings for name in one.tracks)
    if known and not found and not more_to_come:
        raise TableError(
            f"no run is called {' or '.join(runs)}. Available: {', '.join(list(known)[:20])}"
        )
    for name in chosen:
        if not more_to_come and not any(_is_named(one, name) for one in found):
            raise TableError(
                f"no curve is called {name!r}.{suggest(name, found)}"
                f" Available: {', '.join(found[:20])}"
            )
    names = [one for one in found if not chosen or any(_is_named(one, name) for name in chosen)]
    lines = list(dict.fromkeys(_line(name) for name in names if _line(name)))
    if lines and not chosen:
        names = [name for name in names if _line(name) or not _take_turns(parts, name)]
        lines = list(dict.fromkeys(map(_line, names)))
    if lines and len(lines) <= MAX_CHARTS:
        return [_line_chart(parts, names, line) for line in lines]
    if len(names) <= MAX_CHARTS:
        return [_chart(parts, name, at) for at, name in enumerate(names)]
    everything = [
        (part, name, f"{part.label}: {name}" if len(parts) > 1 else name)
        for name in names
        for part in parts
        if name in part.tracks
    ]
    curves = _curves(everything)
    left_out = len(everything) - len(curves)
    more = f" of {len(everything)} curves (--series chooses others)" if left_out else " curves"
    return [Chart(f"{len(curves)}{more}", curves)]


@dataclass(frozen=True)
class _Part:
    """A recording with those of its curves that are of a run which was asked for."""

    recording: Recording
    label: str
    tracks: Mapping[str, Track]


def _tracks_of(recording: Recording, runs: Sequence[str]) -> Mapping[str, Track]:
    """A run is named by its table, or by the file that it is alone in."""
    names = (recording.name, recording.path.stem, recording.path.name)
    if not runs or any(run_matches(name, runs) for name in names if name):
        return recording.tracks
    return {
        name: track
        for name, track in recording.tracks.items()
        if run_matches(track.run or run_of(name), runs)
    }


def chosen_tracks(
    recording: Recording, series: Sequence[str], runs: Sequence[str]
) -> dict[str, Track]:
    """The curves of ``recording`` that ``series`` and ``runs`` ask for, by name."""
    return {
        name: track
        for name, track in _tracks_of(recording, runs).items()
        if not series or any(_is_named(name, one) for one in series)
    }


def _is_named(name: str, chosen: str) -> bool:
    """Whether ``chosen`` is the name of a curve, what stands behind its run, or a pattern of it."""
    return chosen in {name, name.partition(" ")[2]} or fnmatchcase(name, chosen)


def _curves(holders: Sequence[tuple[_Part, str, str]], first: int = 0) -> tuple[ShownCurve, ...]:
    """As many as fit a chart, each with a colour of its own from the number ``first`` on."""
    return tuple(
        ShownCurve(label, part.recording, part.tracks[name], first + at)
        for at, (part, name, label) in enumerate(holders[:MAX_CURVES])
    )


def _chart(parts: Sequence[_Part], name: str, at: int) -> Chart:
    holders = [(part, name, part.label) for part in parts if name in part.tracks]
    # Alone, a curve has the colour of its chart; beside others, that of its file.
    curves = _curves(holders, 0 if len(holders) > 1 else at)
    return Chart(name, curves, len(holders) - len(curves))


def _line(name: str) -> str:
    """``gan.py:25`` of ``A gan.py:25``; empty for a curve that is not of one line of a script."""
    return name[len(run_of(name)) :].strip()


def _take_turns(parts: Sequence[_Part], run: str) -> bool:
    """Whether some steps of ``run`` lack the loss of a line: then their sum jumps between lines."""
    return any(
        track.trace.count < part.tracks[run].trace.count
        for part in parts
        if run in part.tracks
        for name, track in part.tracks.items()
        if _line(name) and run_of(name) == run
    )


def _line_chart(parts: Sequence[_Part], names: Sequence[str], line: str) -> Chart:
    """The losses of one line of a script, in both runs; of all its lines where that is empty."""
    holders = [
        (part, name, f"{part.label}: {run_of(name)}" if len(parts) > 1 else run_of(name))
        for part in parts
        for name in names
        if _line(name) == line and name in part.tracks
    ]
    curves = _curves(holders)
    return Chart(line or "all lines", curves, len(holders) - len(curves))


def recording_labels(recordings: Sequence[Recording]) -> list[str]:
    """What tells ``recordings`` apart: the names of their runs, else the ends of their paths."""
    paths = list(dict.fromkeys(recording.path for recording in recordings))
    end_of = dict(zip(paths, file_labels(paths), strict=True))
    labels = [recording.name or end_of[recording.path] for recording in recordings]
    if len(set(labels)) == len(labels):
        return labels
    return [
        f"{end_of[one.path]}: {one.name}" if one.name else end_of[one.path] for one in recordings
    ]


def remarks(recordings: Sequence[Recording]) -> list[str]:
    """What is to be known of how ``recordings`` are shown, as sentences."""
    if not any(one.counts_rows for one in recordings):
        return []
    labels = zip(recording_labels(recordings), recordings, strict=True)
    named = ", ".join(label for label, one in labels if one.counts_rows)
    where = f" in {named}" if len(recordings) > 1 else ""
    return [f"No step column{where}: rows are counted."]


def file_labels(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of ``paths`` that tell them apart."""
    parts = [path.absolute().parts for path in paths]
    for length in range(1, max(map(len, parts), default=1) + 1):
        labels = ["/".join(part[-length:]) for part in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [str(path) for path in paths]


def laid_out(charts: Sequence[Chart], layout: str) -> list[Chart]:
    """``charts`` as they are, as one ``overlay``, or its first two curves for a ``difference``.

    What cannot be laid out so, for it is one curve alone, stays as it is.
    """
    named = [
        replace(curve, label=_label_of(chart, curve)) for chart in charts for curve in chart.curves
    ]
    if layout == "panes" or len(named) < 2:
        return list(charts)
    kept = named[:MAX_CURVES] if layout == "overlay" else named[:2]
    colours = [curve.colour for curve in kept]
    if len(set(colours)) < len(colours):
        kept = [replace(curve, colour=at) for at, curve in enumerate(kept)]
    if layout == "difference":
        return [Chart(" - ".join(curve.label for curve in kept), tuple(kept))]
    title = " and ".join(chart.title for chart in charts)
    before = sum(chart.left_out for chart in charts)
    return [Chart(title, tuple(kept), before + len(named) - len(kept))]


def _label_of(chart: Chart, curve: ShownCurve) -> str:
    return chart.title if len(chart.curves) == 1 else f"{chart.title} {curve.label}"


class TrackUpTo:
    """``track`` of ``recording`` as far as ``limit``: the source of a chart's curve.

    ``steps`` is the last step shown, 0 where there is none; ``revision`` changes whenever what is
    shown does.
    """

    def __init__(self, recording: Recording | None, track: Track) -> None:
        self.track = track
        self._recording = recording
        self._limit = math.inf
        self._moves = 0
        self._tracker = TrendTracker()
        self._tracker_fed = 0

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

    def at(self, step: float) -> float | None:
        """The loss at ``step`` exactly, finite or not; None where none is shown there."""
        return self.track.trace.at(step, self._limit)

    def near(self, step: float, direction: int = 0) -> float | None:
        """Of the steps shown, the nearest to ``step`` or next to it; None: none is shown."""
        return self.track.trace.near(step, direction, self._limit)

    # One loss after the other, as smoothing takes them

    @property
    def length(self) -> int:
        """How many points are shown."""
        return self.count

    def slice(self, start: int, count: int) -> array[float] | None:
        """At most ``count`` losses from index ``start`` (0-based) on; None: some are not kept."""
        trace = self.track.trace
        return trace.losses(start, start + count) if trace.exact else None

    def step_at(self, index: int) -> float:
        """The step of the loss at ``index``."""
        return self.track.trace.point(index)[0]

    def index_of(self, step: float) -> int:
        """The index of the first loss at ``step`` or later."""
        return self.track.trace.points_until(math.nextafter(step, -math.inf))

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
        full_batch = self._recording is not None and self._recording.full_batch
        trend = tracker.trend(full_batch=full_batch)
        if trend.since is None:
            return trend
        since = self.track.step_of(trend.since)
        return replace(trend, since=None if since is None else math.floor(since))

    @property
    def _is_whole(self) -> bool:
        last = self.track.trace.last_step
        return last is None or last <= self._limit
