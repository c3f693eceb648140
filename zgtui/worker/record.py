"""What a comparison trained and measured, written into its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.training.run import MOMENTUM_TWIN

if TYPE_CHECKING:
    from zgtui.config.settings import RunName
    from zgtui.runlog.log import LogWriter
    from zgtui.training.comparison import Drained


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
    if drained.momentum_twin:
        log.losses(MOMENTUM_TWIN, drained.momentum_twin)
    return accuracy
