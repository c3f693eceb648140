"""What a run came to, as a small table of plain text."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zgtui.config.settings import RUNS, RunName
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker
from zgtui.runlog.log import losses_path, read_losses

SLICE = 65536
TAIL_SHARE = 10
"""The mean is taken of the last tenth of the steps, one at least."""
BLOCK = 20
"""Steps whose mean loss is compared where each has another batch: one batch may be an easy one."""


@dataclass
class RunSummary:
    """What is to be said of one run, step by step."""

    tracker: TrendTracker = field(default_factory=TrendTracker)
    history: LossHistory = field(default_factory=LossHistory)
    lowest: float = math.inf
    lowest_step: int = 0
    lowest_mean: float = math.inf
    """The lowest mean of BLOCK steps, the first of which is ``lowest_mean_step``."""
    lowest_mean_step: int = 0
    _block: array[float] = field(default_factory=lambda: array("d"))

    @property
    def steps(self) -> int:
        """How many it has done."""
        return self.history.steps

    @property
    def final(self) -> float:
        """Its last loss; nan before there is one."""
        return math.nan if self.history.last is None else self.history.last

    def extend(self, losses: array[float]) -> None:
        """Take in the losses of the next steps."""
        if not losses:
            return
        self.tracker.extend(losses)
        low = min(filter(math.isfinite, losses), default=math.inf)
        if low < self.lowest:
            self.lowest, self.lowest_step = low, self.steps + losses.index(low) + 1
        begin = self.steps - len(self._block) + 1
        self.history.extend(losses)
        self._block.extend(losses)
        for at in range(0, len(self._block) - BLOCK + 1, BLOCK):
            mean = sum(self._block[at : at + BLOCK]) / BLOCK
            if mean < self.lowest_mean:
                self.lowest_mean, self.lowest_mean_step = mean, begin + at
        del self._block[: len(self._block) // BLOCK * BLOCK]


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
    """What a summary needs beside the losses; ``verdict`` is the result in a sentence.

    At ``together`` of the steps both runs were trained together.
    """

    labels: Mapping[RunName, str]
    step_word: str
    full_batch: bool
    accuracy: Mapping[RunName, float]
    seconds: float
    verdict: str = ""
    together: int = 0


def summary_lines(runs: Mapping[RunName, RunSummary], log: Path, facts: SummaryFacts) -> list[str]:
    """The verdict, then the table, line by line: one column a run."""
    lowest = "lowest loss" if facts.full_batch else f"lowest mean of {BLOCK}"
    rows: dict[str, list[str]] = {
        "": [f"{name}: {facts.labels[name].removeprefix(f'{name}, ')}" for name in RUNS],
        f"{facts.step_word.lower()}s": [f"{runs[name].steps:,}" for name in RUNS],
        "final loss": [_number(runs[name].final) for name in RUNS],
        lowest: [_lowest(runs[name], facts) for name in RUNS],
        "mean of last 10 %": [
            _number(tail_mean(log, name, runs[name].steps)) if runs[name].steps else "-"
            for name in RUNS
        ],
    }
    if facts.accuracy:
        rows["accuracy"] = [
            f"{facts.accuracy[name]:.2%}" if name in facts.accuracy else "-" for name in RUNS
        ]
    rows["state"] = [_state(runs[name], facts) for name in RUNS]
    head = max(map(len, rows))
    width = max(len(cells[0]) for cells in rows.values())
    lines = [f"{title:<{head}}  {a:<{width}}  {b}".rstrip() for title, (a, b) in rows.items()]
    steps = max(run.steps for run in runs.values())
    if steps:
        lines.append(f"{'training':<{head}}  {training_words(facts.together, steps)}")
    if facts.seconds > 0:
        lines.append(f"{'steps/s':<{head}}  {steps / facts.seconds:,.4g}")
    return [*filter(None, [facts.verdict]), *lines, f"{'log':<{head}}  {log}"]


def training_words(together: int, steps: int) -> str:
    """How both runs were trained: at ``together`` of ``steps`` steps in one go."""
    return f"together ({together:,} of {steps:,} steps)" if together else "step by step"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _lowest(run: RunSummary, facts: SummaryFacts) -> str:
    word = facts.step_word.lower()
    if facts.full_batch:
        step, low = run.lowest_step, run.lowest
        return f"{_number(low)} ({word} {step:,})" if step else "-"
    first = run.lowest_mean_step
    last = first + BLOCK - 1
    return f"{_number(run.lowest_mean)} ({word}s {first:,} to {last:,})" if first else "-"


def _state(run: RunSummary, facts: SummaryFacts) -> str:
    """What its losses do, or where they went; nothing of where they would go."""
    words = run.tracker.trend(full_batch=facts.full_batch).words
    first = run.history.first
    if words or first is None:
        return words or "-"
    newest = [loss for loss in run.history.tail(BLOCK) if math.isfinite(loss)]
    return f"from {first:.3g} to {sum(newest) / len(newest):.3g}" if newest else "-"
