"""What two runs of a script came to, and how far they are, as plain text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zgtui.instrument.protocol import FILES
from zgtui.launch.clearing_words import seen_clearing, verdict
from zgtui.launch.script_comparison import LaunchedRun, ScriptComparison
from zgtui.runlog.log import LOSS_BYTES, losses_path, read_losses

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES = 10
"""Files listed by name in the summary; of more, the number is told."""


def exit_code(comparison: ScriptComparison) -> int:
    """The worse of both scripts'; 0 where there is none."""
    endings = [run.ending for run in comparison.runs.values() if run.ending is not None]
    return max((ending.exit_code for ending in endings), default=0)


def progress(comparison: ScriptComparison) -> str:
    """One line: how far each run is; of the second, how much of the first it has repeated."""
    parts = []
    for run in comparison.runs.values():
        steps = comparison.steps(run.name)
        total = comparison.options.steps
        first = comparison.runs["A"].ending
        if total is None and run.name == "B" and first is not None:
            total = comparison.steps("A")
        of = f" of {total:,}" if total else ""
        losses = read_losses(losses_path(comparison.log, run.name), max(0, steps - 1), 1)
        loss = f" loss {losses[0]:.4g}" if losses else ""
        parts.append(f"{run.name} step {steps:,}{of}{loss}")
    return "  ".join(parts)


def summary(comparison: ScriptComparison) -> Iterator[str]:
    """What there is to say when both runs have ended, a line each."""
    width = max(len(run.title) for run in comparison.runs.values())
    yield f"run  {'':{width}}  steps  first loss  last loss  lowest"
    for run in comparison.runs.values():
        yield f"{run.name:<3}  {run.title:<{width}}  {_losses(comparison, run)}"
    same = comparison.same_first_loss()
    if same is not None:
        said = "the same first loss" if same else "different first losses"
        yield f"both runs had {said}"
    how = verdict(seen_clearing(comparison.runs))
    if how:
        yield how
    for run in comparison.runs.values():
        if run.ending is None:
            continue
        yield f"{run.name}: {run.ending.sentence}; its output: {run.output}"
        for frame in run.ending.frames:
            yield f"    {frame.file}:{frame.line} in {frame.function or '<module>'}: {frame.text}"
        if (run.folder / FILES).exists():
            yield f"{run.name}: its checkpoints are in {run.folder / FILES}"
        written = run.ending.written
        for path in written[:MAX_FILES]:
            yield f"{run.name}: wrote {path}"
        if len(written) > MAX_FILES:
            yield f"{run.name}: wrote {len(written) - MAX_FILES} more files in this folder"


def _losses(comparison: ScriptComparison, run: LaunchedRun) -> str:
    path = losses_path(comparison.log, run.name)
    steps = path.stat().st_size // LOSS_BYTES if path.exists() else 0
    if not steps:
        return "    0"
    first, last = read_losses(path, 0, 1)[0], read_losses(path, steps - 1, 1)[0]
    lowest = math.inf
    for start in range(0, steps, 65536):
        block = read_losses(path, start, 65536)
        lowest = min([lowest, *(loss for loss in block if not math.isnan(loss))])
    return f"{steps:>5}  {first:>10.4g}  {last:>9.4g}  {lowest:.4g}"
