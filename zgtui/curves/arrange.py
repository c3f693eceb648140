"""Which curves of which recordings share a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zgtui.curves.recording import Recording
from zgtui.curves.track import Track
from zgtui.errors import TableError, suggest

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
    """The curves of one chart; ``left_out`` says how many there was no room for."""

    title: str
    curves: tuple[ShownCurve, ...]
    left_out: int = 0


def arrange(
    recordings: Sequence[Recording], chosen: Sequence[str] = (), *, more_to_come: bool = False
) -> list[Chart]:
    """Up to four charts, one for each name of a curve, else one chart of the first curves.

    Curves of one name, from different files, share a chart. ``chosen`` names the curves to show;
    none means all. Raises TableError where a chosen name is not there, unless there is more to
    come.
    """
    labels = file_labels([recording.path for recording in recordings])
    found = list(dict.fromkeys(name for recording in recordings for name in recording.tracks))
    for name in chosen:
        if name not in found and not more_to_come:
            raise TableError(
                f"no curve is called {name!r}.{suggest(name, found)}"
                f" There is: {', '.join(found[:20])}"
            )
    names = [name for name in found if not chosen or name in chosen]
    if len(names) <= MAX_CHARTS:
        return [_chart(recordings, labels, name, at) for at, name in enumerate(names)]
    everything = [
        (recording, name, f"{label}: {name}" if len(recordings) > 1 else name)
        for name in names
        for recording, label in zip(recordings, labels, strict=True)
        if name in recording.tracks
    ]
    curves = tuple(
        ShownCurve(label, recording, recording.tracks[name], at)
        for at, (recording, name, label) in enumerate(everything[:MAX_CURVES])
    )
    left_out = len(everything) - len(curves)
    more = f" of {len(everything)} curves (--series chooses others)" if left_out else " curves"
    return [Chart(f"{len(curves)}{more}", curves, left_out)]


def _chart(recordings: Sequence[Recording], labels: list[str], name: str, at: int) -> Chart:
    holders = [
        (recording, label)
        for recording, label in zip(recordings, labels, strict=True)
        if name in recording.tracks
    ]
    # Alone, a curve has the colour of its chart; beside others, that of its file.
    curves = tuple(
        ShownCurve(label, recording, recording.tracks[name], number if len(holders) > 1 else at)
        for number, (recording, label) in enumerate(holders[:MAX_CURVES])
    )
    return Chart(name, curves, len(holders) - len(curves))


def file_labels(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of ``paths`` that tell them apart."""
    parts = [path.absolute().parts for path in paths]
    for length in range(1, max(map(len, parts), default=1) + 1):
        labels = ["/".join(part[-length:]) for part in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [str(path) for path in paths]
