"""Whether both runs of a script had the same first loss, and where not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.runlog.log import losses_path, read_losses

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zgtui.config.settings import RunName
    from zgtui.launch.launched_run import LaunchedRun

SAME, DIFFERENT = "both runs had the same first loss", "the two runs had different first losses"
ORDER = "several threads train, and which of them takes the first step differs from run to run"
DRAWS = (
    "several threads train and draw from one random generator, in an order that differs from run"
    " to run"
)
STEPS_EACH = 4
"""Before another thread takes its first step, one may take so many."""


def first_losses_words(runs: Mapping[RunName, LaunchedRun], log: Path, *, same: bool) -> str:
    """Both first losses in one sentence, with the reason for a difference if one was seen."""
    if same:
        return SAME
    why = _reason(runs, log)
    return f"{DIFFERENT}: {why}" if why else DIFFERENT


def threads_words(runs: Mapping[RunName, LaunchedRun], log: Path, *, same: bool | None) -> str:
    """That sentence where it tells of a reason; else, and while it is open, nothing."""
    said = "" if same is not False else first_losses_words(runs, log, same=False)
    return "" if said == DIFFERENT else said


def _reason(runs: Mapping[RunName, LaunchedRun], log: Path) -> str:
    seen = [run.training for run in runs.values() if run.training is not None]
    threads = max((one.threads for one in seen), default=1)
    if threads < 2:
        return ""
    a, b = (read_losses(losses_path(log, name), 0, STEPS_EACH * threads) for name in runs)
    if a and b and (a[0] in b or b[0] in a):
        return ORDER
    return DRAWS if any(one.shared_draws for one in seen) else ""
