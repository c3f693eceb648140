"""The curves of a script's two runs once both are over, read from their log as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.config.settings import RunName
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
from zgtui.launch.script_curves import (
    RunSeries,
    found_by_both,
    is_split,
    series_labels,
)
from zgtui.launch.words.script_verdict import CurveSoFar
from zgtui.runlog.events import Place
from zgtui.runlog.log import LOSSES_AT_ONCE, LossReader

if TYPE_CHECKING:
    from zgtui.launch.script_comparison import ScriptComparison


@dataclass(frozen=True)
class FinishedCurve:
    """One curve of both runs; ``label`` is empty where it is the only one.

    ``place`` is the line whose losses it has; None where it has those of all steps.
    """

    label: str
    place: Place | None
    measured: dict[RunName, CurveSoFar]


def finished_curves(comparison: ScriptComparison) -> list[FinishedCurve]:
    """One for each line where they are split, see `is_split`, else one of all steps."""
    runs = comparison.runs
    series = {name: RunSeries() for name in runs}
    for name, run in runs.items():
        for line in run.series:
            series[name].add(comparison.log, line)
        while series[name].read(LOSSES_AT_ONCE):
            pass
    if not is_split(comparison.options.curves, series.values()):
        return [FinishedCurve("", None, {name: _whole(comparison, name) for name in runs})]
    found = found_by_both({name: run.series for name, run in runs.items()})
    curves = []
    for place, label in series_labels(found).items():
        both = {name: series[name].curves.get(place) for name in runs}
        measured = {
            name: CurveSoFar(curve.history, curve.trend()) if curve else _nothing()
            for name, curve in both.items()
        }
        curves.append(FinishedCurve(label, place, measured))
    return curves


def _whole(comparison: ScriptComparison, name: RunName) -> CurveSoFar:
    history, tracker = LossHistory(), TrendTracker()
    reader = LossReader(comparison.log, name)
    while losses := reader.read(LOSSES_AT_ONCE):
        history.extend(losses)
        tracker.extend(losses)
    return CurveSoFar(history, tracker.trend(full_batch=False))


def _nothing() -> CurveSoFar:
    return CurveSoFar(LossHistory(), TrendTracker().trend(full_batch=False))
