"""Whether a script trains the same way again: what two runs tell of it that must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, RunName
from zgtui.launch.equality import FIRST_STALE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.launch.script_comparison import LaunchedRun

WHY = (
    "the script is not bitwise reproducible here (operations of a GPU that sum in any order,"
    " for example, or random numbers that --seed does not reach)"
)


def reproducibility_words(runs: Mapping[RunName, LaunchedRun], differ_at: int) -> str:
    """What the first step whose losses differ says of that, as one sentence; empty for nothing."""
    a, b = runs["A"], runs["B"]
    if any(run.changed or run.repaired or run.lr_scale != 1 or run.rank for run in (a, b)):
        return ""
    if all(run.policy == "as-is" or not run.intervened for run in (a, b)):
        return f"A and B were trained alike and differ from step {differ_at} on: {WHY}"
    if differ_at == FIRST_STALE and all(_clears_in_time(runs[name]) for name in RUNS):
        return (
            f"A and B differ at step {differ_at}, which applies no stale gradient yet: {WHY},"
            " and not all that differs comes from clearing"
        )
    return ""


def _clears_in_time(run: LaunchedRun) -> bool:
    """Whether its only optimizer steps on what was added up since the script cleared, if it did.

    What is cleared between ``backward()`` and ``step()`` makes a difference at once.
    """
    seen = run.kept if run.policy == "never" else run.seen
    if seen is None or len(seen.habits) != 1:
        return False
    return seen.habits[0]["outcome"] in {"cleared", "kept"}
