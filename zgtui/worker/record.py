"""What a comparison trained and measured, written into its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, RunName
from zgtui.training.run import TWIN

if TYPE_CHECKING:
    from zgtui.runlog.log import LogWriter
    from zgtui.training.comparison import Comparison, Drained


def logged_runs(comparison: Comparison) -> tuple[str, ...]:
    """The runs that the log of ``comparison`` holds, its twin included."""
    return RUNS if comparison.twin is None else (*RUNS, TWIN)


def record(log: LogWriter, drained: Drained) -> dict[RunName, float]:
    """Append what was drained; return the newest accuracies in it. Raises LogError."""
    together: dict[tuple[RunName, int], dict[str, float]] = {}
    accuracy: dict[RunName, float] = {}
    for sample in drained.samples:
        together.setdefault((sample.run, sample.step), {})[sample.name] = sample.value
        if sample.name == "accuracy":
            accuracy[sample.run] = sample.value
    # A table follows each run's samples in the order of their steps.
    for (run, step), values in sorted(together.items(), key=lambda item: item[0][1]):
        log.event("sample", run=run, step=step, **values)
    for name, losses in drained.losses.items():
        if losses:
            log.losses(name, losses)
    if drained.twin:
        log.losses(TWIN, drained.twin)
    return accuracy
