"""What became of both runs of a script, in the words that the app has for its own runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.config.settings import EVERY, NEVER, RUNS, Clearing, RunName, RunSettings, Settings
from zgtui.explain.outcome import Outcome, RunOutcome, run_outcome
from zgtui.explain.verdict import verdict, verdicts_apart

if TYPE_CHECKING:
    from zgtui.curves.history import LossHistory
    from zgtui.curves.trend import Trend
    from zgtui.launch.launched_run import LaunchedRun


@dataclass(frozen=True)
class CurveSoFar:
    """The losses of one curve of one run."""

    history: LossHistory
    trend: Trend


CurvesByLabel = Mapping[str, Mapping[RunName, CurveSoFar]]
"""Those of both runs by their labels; one that is alone has none."""


def script_verdict(
    runs: Mapping[RunName, LaunchedRun],
    measured: Mapping[RunName, CurveSoFar],
    *,
    same_start: bool,
    apart: bool,
) -> str:
    """The sentence on one curve of both runs, which differ; empty while one has no loss.

    ``same_start``: both had the same first loss, so that their clearing explains what differs.
    ``apart``: the script has several losses, each a curve.
    """
    return verdict(_of_both(runs, measured, same_start=same_start, apart=apart))


def script_verdicts(
    runs: Mapping[RunName, LaunchedRun], curves: CurvesByLabel, *, same_start: bool
) -> list[str]:
    """What there is to say of all curves: those of which the same holds share a sentence."""
    if list(curves) == [""]:
        said = script_verdict(runs, curves[""], same_start=same_start, apart=False)
        return [said] if said else []
    return verdicts_apart(
        {
            label: _of_both(runs, measured, same_start=same_start, apart=True)
            for label, measured in curves.items()
        }
    )


def _of_both(
    runs: Mapping[RunName, LaunchedRun],
    measured: Mapping[RunName, CurveSoFar],
    *,
    same_start: bool,
    apart: bool,
) -> Outcome:
    a, b = (_outcome(runs[name], measured[name]) for name in RUNS)
    steps = min(a.steps, b.steps)
    return Outcome(
        a=a,
        b=b,
        step=steps,
        settings=Settings(),
        finished=all(run.ending is not None for run in runs.values()),
        differ_at=steps,
        same_init=same_start,
        apart=apart,
    )


def _outcome(run: LaunchedRun, measured: CurveSoFar) -> RunOutcome:
    # The rate is the script's own; what both runs may differ in is the factor on it.
    settings = RunSettings(clear=_clearing(run), lr=run.lr_scale)
    return run_outcome(run.name, settings, measured.history, measured.trend, changed=run.changed)


def _clearing(run: LaunchedRun) -> Clearing:
    """When it clears; as it was seen to where that is left to the script."""
    if run.policy != "as-is" or run.repaired:
        return NEVER if run.policy == "never" else EVERY
    known = [habit for habit in run.seen.habits if habit["outcome"]] if run.seen else []
    if known and all(habit["outcome"] == "kept" for habit in known):
        return NEVER
    periods = {habit["period"] for habit in known if habit["outcome"] == "cleared"}
    return Clearing(periods.pop()) if len(periods) == 1 else EVERY
