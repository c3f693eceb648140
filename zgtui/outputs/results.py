"""What a run came to, as a small table of plain text."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zgtui.config.settings import RUNS, RunName
from zgtui.curves.trend import TrendTracker
from zgtui.runlog.log import losses_path, read_losses

SLICE = 65536
TAIL_SHARE = 10
"""The mean is taken of the last tenth of the steps, one at least."""


@dataclass
class RunSummary:
    """What is to be said of one run, step by step."""

    tracker: TrendTracker = field(default_factory=TrendTracker)
    steps: int = 0
    final: float = math.nan
    best: float = math.inf
    best_step: int = 0

    def extend(self, losses: array[float]) -> None:
        """Take in the losses of the next steps."""
        if not losses:
            return
        self.tracker.extend(losses)
        low = min(filter(math.isfinite, losses), default=math.inf)
        if low < self.best:
            self.best, self.best_step = low, self.steps + losses.index(low) + 1
        self.steps += len(losses)
        self.final = losses[-1]


def tail_mean(log: Path, run: RunName, steps: int) -> float:
    """Mean loss of the last tenth of ``steps``; inf and nan as they come."""
    count = max(1, steps // TAIL_SHARE)
    parts = []
    for start in range(steps - count, steps, SLICE):
        losses = read_losses(losses_path(log, run), start, min(SLICE, steps - start))
        parts.append(sum(losses))
    return sum(parts) / count


@dataclass(frozen=True)
class SummaryFacts:
    """What a summary needs beside the losses."""

    labels: Mapping[RunName, str]
    step_word: str
    full_batch: bool
    accuracy: Mapping[RunName, float]
    seconds: float


def summary_lines(runs: Mapping[RunName, RunSummary], log: Path, facts: SummaryFacts) -> list[str]:
    """The table, line by line: one column a run."""
    rows: dict[str, list[str]] = {
        "": [f"{name}: {facts.labels[name].removeprefix(f'{name}, ')}" for name in RUNS],
        f"{facts.step_word.lower()}s": [f"{runs[name].steps:,}" for name in RUNS],
        "final loss": [_number(runs[name].final) for name in RUNS],
        "best loss": [_best(runs[name], facts.step_word) for name in RUNS],
        "mean of last 10 %": [
            _number(tail_mean(log, name, runs[name].steps)) if runs[name].steps else "-"
            for name in RUNS
        ],
    }
    if facts.accuracy:
        rows["accuracy"] = [
            f"{facts.accuracy[name]:.2%}" if name in facts.accuracy else "-" for name in RUNS
        ]
    trends = [runs[name].tracker.trend(full_batch=facts.full_batch) for name in RUNS]
    rows["state"] = [trend.words or "still changing" for trend in trends]
    head = max(map(len, rows))
    width = max(len(cells[0]) for cells in rows.values())
    lines = [f"{title:<{head}}  {a:<{width}}  {b}".rstrip() for title, (a, b) in rows.items()]
    if facts.seconds > 0:
        steps = max(run.steps for run in runs.values())
        lines.append(f"{'steps/s':<{head}}  {steps / facts.seconds:,.4g}")
    return [*lines, f"{'log':<{head}}  {log}"]


def _number(value: float) -> str:
    return f"{value:.6g}"


def _best(run: RunSummary, step_word: str) -> str:
    if not run.best_step:
        return "-"
    return f"{_number(run.best)} ({step_word.lower()} {run.best_step:,})"
