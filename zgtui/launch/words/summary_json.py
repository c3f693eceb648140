"""What two runs of a script came to, as one JSON object; `zgtui docs run` describes it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from zgtui.launch.finished_curves import FinishedCurve, finished_curves
from zgtui.launch.reproducibility import reproducibility_words
from zgtui.launch.words.clearing_words import seen_clearing, verdict
from zgtui.launch.words.equality import equality_reasons, first_difference
from zgtui.launch.words.no_losses import no_losses
from zgtui.launch.words.script_verdict import script_verdict

if TYPE_CHECKING:
    from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.script_comparison import ScriptComparison

VERSION = 1
"""Of the form of the object: it goes up when a field changes its meaning or goes."""


def summary_json(comparison: ScriptComparison) -> str:
    """The summary of two runs that are over; inf and nan, which JSON lacks, stand as strings."""
    runs, curves = comparison.runs, finished_curves(comparison)
    steps, differ_at = first_difference(comparison.log)
    equal = steps > 0 and differ_at is None
    trained = any(comparison.steps(name) for name in runs)
    fields = {
        "version": VERSION,
        "command": comparison.options.command_line,
        "log": str(comparison.log),
        "same_first_loss": comparison.same_first_loss(),
        "equal": equal if steps else None,
        "differ_at": differ_at,
        "equal_because": equality_reasons(runs, steps) if equal else [],
        "not_reproducible": reproducibility_words(runs, differ_at) if differ_at else "",
        "no_losses": "" if trained else no_losses(runs.values(), comparison.options.subject),
        "clearing": verdict(seen_clearing(runs), comparison.options.subject),
        "runs": {name: _run(comparison, run) for name, run in runs.items()},
        "curves": [_curve(comparison, curve, equal=equal) for curve in curves],
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _run(comparison: ScriptComparison, run: LaunchedRun) -> dict[str, Any]:
    ending, training = run.ending, run.training
    return {
        "policy": run.policy,
        "intervened": run.intervened,
        "steps": comparison.steps(run.name),
        "rank": run.rank,
        "world": run.world,
        "exit_code": ending.exit_code if ending else None,
        "ending": ending.sentence if ending else "",
        "backwards": training.backwards if training else 0,
        "optimizers": [
            {**made, "lrs": [_number(lr) for lr in made["lrs"]]}
            for made in (training.optimizers if training else [])
        ],
    }


def _curve(comparison: ScriptComparison, curve: FinishedCurve, *, equal: bool) -> dict[str, Any]:
    same = bool(comparison.same_first_loss())
    apart = bool(curve.label)
    said = (
        ""
        if equal
        else script_verdict(comparison.runs, curve.measured, same_start=same, apart=apart)
    )
    histories = {name: measured.history for name, measured in curve.measured.items()}
    return {
        "label": curve.label,
        "file": curve.place[0] if curve.place else None,
        "line": curve.place[1] if curve.place else None,
        "verdict": said,
        "runs": {
            name: {
                "losses": history.steps,
                "first": _number(history.first),
                "last": _number(history.last),
                "lowest": _number(history.low),
            }
            for name, history in histories.items()
        },
    }


def _number(value: float | None) -> float | str | None:
    return value if value is None or math.isfinite(value) else str(value)
