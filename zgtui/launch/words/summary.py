"""What two runs of a script came to, and how far they are, as plain text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zgtui.instrument.protocol import FILES
from zgtui.launch.finished_curves import FinishedCurve, finished_curves
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.reproducibility import reproducibility_words
from zgtui.launch.script_comparison import ScriptComparison
from zgtui.launch.script_curves import place_of, series_labels
from zgtui.launch.words.clearing_words import seen_clearing, verdict
from zgtui.launch.words.equality import equality_words, first_difference
from zgtui.launch.words.first_losses import first_losses_words
from zgtui.launch.words.no_losses import no_losses
from zgtui.launch.words.optimizer_words import optimizer_words
from zgtui.launch.words.ranks_words import ranks_words
from zgtui.launch.words.script_verdict import script_verdicts
from zgtui.plural import plural
from zgtui.runlog.log import LossReader, losses_path, read_losses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_FILES = 10
"""Files listed by name in the summary; of more, the number is told."""
NO_STEP = "No step so far"
SHARED_MEMORY = "both runs share the memory of the GPU: --sequential trains B after A"
MAX_SHOWN = 4
"""Lines whose losses stand in a line of progress; of more, the sum alone is told."""


def exit_code(comparison: ScriptComparison) -> int:
    """The worse of both scripts'; 0 where there is none."""
    endings = [run.ending for run in comparison.runs.values() if run.ending is not None]
    return max((ending.exit_code for ending in endings), default=0)


def progress(comparison: ScriptComparison, *, split: bool = False) -> str:
    """One line: how far each run is; of the second, how much of the first it has repeated.

    ``split``: with the loss of each line that calls ``backward()``.
    """
    parts = []
    for run in comparison.runs.values():
        if run.waits_for:
            parts.append(f"{run.name} waits for {run.waits_for}")
            continue
        steps = comparison.steps(run.name)
        total = comparison.options.steps
        first = comparison.runs["A"].ending
        if total is None and run.name == "B" and first is not None:
            total = comparison.steps("A")
        of = f" of {total:,}" if total else ""
        parts.append(f"{run.name} step {steps:,}{of}{_newest(comparison, run, split=split)}")
    line = "  ".join(parts)
    if any(comparison.steps(name) for name in comparison.runs):
        return line
    return no_losses(comparison.runs.values(), comparison.options.subject) or line


def spoken_progress(comparison: ScriptComparison, *, split: bool = False) -> str:
    """The same in sentences that are read aloud well."""
    if not any(comparison.steps(name) for name in comparison.runs):
        return f"{no_losses(comparison.runs.values(), comparison.options.subject) or NO_STEP}."
    sentences = []
    for run in comparison.runs.values():
        steps, total = comparison.steps(run.name), comparison.options.steps
        of = f" of {total:,}" if total else ""
        newest = _newest(comparison, run, split=split).strip()
        waits = f"waits for {run.waits_for}" if run.waits_for else f"step {steps:,}{of}"
        sentences.append(f"Run {run.name}: {waits}{f', {newest}' if newest else ''}.")
    return " ".join(sentences)


def _newest(comparison: ScriptComparison, run: LaunchedRun, *, split: bool) -> str:
    labels = series_labels(run.series)
    if split and 1 < len(labels) <= MAX_SHOWN:
        names = {one.name: f" {labels[place_of(one)]}" for one in run.series}
    else:
        names = {run.name: " loss"}
    found = {label: _last(comparison, name) for name, label in names.items()}
    return "".join(f"{label} {loss:.4g}" for label, loss in found.items() if loss is not None)


def _last(comparison: ScriptComparison, name: str) -> float | None:
    steps = LossReader(comparison.log, name).available()
    losses = read_losses(losses_path(comparison.log, name), max(0, steps - 1), 1)
    return losses[0] if losses else None


def summary(comparison: ScriptComparison) -> Iterator[str]:
    """What there is to say when both runs have ended, a line each."""
    curves = finished_curves(comparison)
    yield from _table(comparison, curves)
    yield from comparison_words(comparison, curves)
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
            yield f"{run.name}: wrote {plural(len(written) - MAX_FILES, 'more file')}"


def _table(comparison: ScriptComparison, curves: Sequence[FinishedCurve]) -> Iterator[str]:
    width = max(len(run.title) for run in comparison.runs.values())
    named = max(len(curve.label) for curve in curves)
    head = f"  {'curve':{max(named, 5)}}" if named else ""
    yield f"run  {'':{width}}{head}  steps  first loss  last loss  lowest"
    for run in comparison.runs.values():
        for at, curve in enumerate(curves):
            name, title = ("", "") if at else (run.name, run.title)
            label = f"  {curve.label:{max(named, 5)}}" if named else ""
            yield f"{name:<3}  {title:<{width}}{label}  {_losses(curve, run)}"


def _losses(curve: FinishedCurve, run: LaunchedRun) -> str:
    history = curve.measured[run.name].history
    if history.first is None or history.last is None:
        return "    0"
    lowest = math.inf if history.low is None else history.low
    return f"{history.steps:>5}  {history.first:>10.4g}  {history.last:>9.4g}  {lowest:.4g}"


def comparison_words(
    comparison: ScriptComparison, curves: Sequence[FinishedCurve]
) -> Iterator[str]:
    """What became of both runs and why, a line each."""
    runs = comparison.runs
    yield from filter(None, [ranks_words(runs.values())])
    same = comparison.same_first_loss()
    if same is not None:
        yield first_losses_words(runs, comparison.log, same=same)
    steps, differ_at = first_difference(comparison.log)
    if differ_at is None:
        yield from filter(None, [equality_words(runs, steps)])
    else:
        yield from filter(None, [reproducibility_words(runs, differ_at)])
        measured = {curve.label: curve.measured for curve in curves}
        yield from script_verdicts(runs, measured, same_start=bool(same))
    if not any(curve.measured[name].history.steps for curve in curves for name in runs):
        yield from filter(None, [no_losses(runs.values(), comparison.options.subject)])
    yield from filter(None, [verdict(seen_clearing(runs), comparison.options.subject)])
    for run in runs.values():
        told = optimizer_words(run, comparison.steps(run.name))
        if told:
            yield f"{run.name}: {told}"
    full = any(run.ending.gpu_full for run in runs.values() if run.ending is not None)
    if full and not comparison.options.sequential:
        yield SHARED_MEMORY
    yield from filter(None, [comparison.options.lesson])
