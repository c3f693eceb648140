"""Whether a script trains the same way again: what two runs tell of it that must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.config.settings import RunName
    from zgtui.launch.launched_run import LaunchedRun

WHY = (
    "the script is not bitwise reproducible here (threads, or GPU operations, that sum in no fixed"
    " order, for example, or random numbers that --seed does not reach)"
)

THREADS_WHY = "several threads of the script train, in an order that differs from run to run"


def reproducibility_words(runs: Mapping[RunName, LaunchedRun], differ_at: int) -> str:
    """What the first step whose losses differ says of that, as one sentence; empty for nothing."""
    a, b = runs["A"], runs["B"]
    if any(run.changed or run.repaired or run.lr_scale != 1 or run.rank for run in (a, b)):
        return ""
    if all(run.policy == "as-is" for run in (a, b)):
        return _alike(runs, differ_at)
    if any(run.ending is None or run.world > 1 for run in (a, b)):
        return ""  # more may come, or another rank have been changed
    changed = [run for run in (a, b) if run.intervened]
    if not changed:
        return _alike(runs, differ_at)
    if all(_was_the_script(run, differ_at) for run in changed):
        return (
            f"A and B differ from step {differ_at} on, before clearing can make a difference:"
            f" {_why(runs)}, so not all of the difference comes from clearing"
        )
    return ""


def _alike(runs: Mapping[RunName, LaunchedRun], differ_at: int) -> str:
    told = f"A and B were trained identically but differ from step {differ_at} on"
    return f"{told}: {_why(runs)}"


def _why(runs: Mapping[RunName, LaunchedRun]) -> str:
    seen = [run.training for run in runs.values() if run.training is not None]
    return THREADS_WHY if any(one.threads > 1 for one in seen) else WHY


def _was_the_script(run: LaunchedRun, differ_at: int) -> bool:
    """Whether the policy had changed nothing yet on which the loss of that step depends.

    What it changes in a step matters from the loss of the next one on, but where the step has
    several backwards: weights may move between them, as in a closure.
    """
    first, seen = run.intervened_at, run.training
    if first is None or seen is None or len(seen.optimizers) != 1:
        return False
    made = seen.optimizers[0]
    if made["made"] != 1 or made["skipped"]:
        return False
    return differ_at < first or (differ_at == first and seen.backwards <= seen.step)
