"""``zgtui run --headless``: both runs of a script without a screen."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from zgtui.instrument import protocol
from zgtui.instrument.spec import FILES
from zgtui.launch.comparison import Ended, LaunchedRun, ScriptComparison
from zgtui.runlog.log import LOSS_BYTES, losses_path, read_losses
from zgtui.tables.destination import check_destination
from zgtui.tables.export import export
from zgtui.tables.formats import format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from zgtui.launch.command import ScriptOptions
    from zgtui.outputs.processes import FollowerProcess

EVERY_SECONDS = 5.0
MAX_FILES = 10
"""Files listed by name in the summary; of more, the number is told."""


def run_headless(  # noqa: PLR0913 - the options of the command, one by one
    options: ScriptOptions,
    folder: Path,
    *,
    out: Path | None = None,
    wide: bool = False,
    overwrite: bool = False,
    board: FollowerProcess | None = None,
    say: Callable[[str], None] = print,
    every: float = EVERY_SECONDS,
) -> int:
    """Run both to their end, telling progress every ``every`` seconds; returns the exit code.

    That is the worse of both scripts', 130 after Ctrl-C. The run log is ``folder``; ``out`` is a
    loss table made of it, ``board`` follows it. Raises WorkerError where a script cannot be
    started, TableError where the table cannot be written (before anything is started, if that can
    be known).
    """
    if out is not None:
        format_of(out)
        check_destination(out, overwrite=overwrite)
    comparison = ScriptComparison(options, folder)
    interrupted = False
    try:
        comparison.start()
        say(f"{options.command_line}: run log {comparison.log}")
        if board is not None:
            board.start()
            board.follow(str(comparison.log))
        _follow(comparison, say, every)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        comparison.close()
    for line in summary(comparison):
        say(line)
    if out is not None:
        for _ in export(comparison.log, out, wide=wide, overwrite=overwrite):
            pass
        say(f"loss table: {out}")
    return 130 if interrupted else exit_code(comparison)


def exit_code(comparison: ScriptComparison) -> int:
    """The worse of both scripts'; 0 where there is none."""
    endings = [run.ending for run in comparison.runs.values() if run.ending is not None]
    return max((ending.exit_code for ending in endings), default=0)


def _follow(comparison: ScriptComparison, say: Callable[[str], None], every: float) -> None:
    due = time.monotonic() + every
    while not comparison.finished:
        for notice in comparison.poll(max(0.0, due - time.monotonic())):
            if isinstance(notice, protocol.ObservationOff):
                say(f"{notice.run}: {notice.reason}")
            elif isinstance(notice, Ended):
                say(f"{notice.run}: {notice.ending.sentence}")
        if time.monotonic() >= due:
            due += every
            say(progress(comparison))


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
    twins = comparison.twins()
    if twins is not None:
        said = "the same first loss" if twins else "different first losses"
        yield f"both runs saw {said}"
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
