"""``zgtui run --headless``: both runs of a script without a screen."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from zgtui.errors import ZgtuiError
from zgtui.launch.interruption import Interruption
from zgtui.launch.script_comparison import RunEnded, ScriptComparison
from zgtui.launch.words.summary import exit_code, progress, spoken_progress, summary
from zgtui.launch.words.summary_json import summary_json
from zgtui.outputs.gpu_monitor import GpuMonitor, gpu_words
from zgtui.runlog import events
from zgtui.runlog.log import EVENTS
from zgtui.terminal import tell, tell_text, warn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zgtui.launch.command import ScriptOptions
    from zgtui.outputs.autosave import TableKeeper
    from zgtui.outputs.processes import FollowerProcess

EVERY_SECONDS = 5.0
PLAIN_SECONDS = 1.0
TICK_SECONDS = 0.1
"""The table is looked after so often."""


def run_headless(  # noqa: PLR0913 - what the command line asks for, one by one
    options: ScriptOptions,
    folder: Path,
    *,
    table: TableKeeper | None = None,
    tensorboard: FollowerProcess | None = None,
    say: Callable[[str], None] | None = None,
    every: float = EVERY_SECONDS,
    json: bool = False,
    plain: bool = False,
) -> int:
    """Run both to their end, telling progress every ``every`` seconds; returns the exit code.

    That is the worse of both scripts', or 128 + n where signal n came first. The run log is
    ``folder``; ``table`` and ``tensorboard`` follow it, whatever ends it. ``json``: the summary
    goes to stdout, as one JSON object, and all else to stderr. ``plain``: progress is told in
    words, a line a second.

    Raises:
        WorkerError: if a script cannot be started.
        TableError: if the rest of the table cannot be written.
    """
    say = say or (warn if json else tell)
    comparison = ScriptComparison(options, folder)
    told = _words if plain else _short
    every = min(every, PLAIN_SECONDS) if plain else every
    with Interruption().noted() as interruption:
        try:
            comparison.start()
            say(f"{options.command_line}: run log {comparison.log}")
            if tensorboard is not None:
                tensorboard.start()
                tensorboard.follow(str(comparison.log))
            with contextlib.closing(GpuMonitor()) as gpus:
                _follow(comparison, table, say, every, interruption, gpus=gpus, told=told)
        finally:
            _close(comparison, table)
        if json:
            tell_text(summary_json(comparison))
        else:
            for line in summary(comparison):
                say(line)
        if table is not None:
            say(f"loss table: {table.path}")
    return 128 + interruption.number if interruption.number else exit_code(comparison)


def _close(comparison: ScriptComparison, table: TableKeeper | None) -> None:
    """End both runs, and write the rest of the table."""
    try:
        comparison.close()
    finally:
        if table is not None and (comparison.log / EVENTS).exists():
            table.follow(str(comparison.log))
            table.close()


def _follow(  # noqa: PLR0913 - one loop over all that goes on
    comparison: ScriptComparison,
    table: TableKeeper | None,
    say: Callable[[str], None],
    every: float,
    interruption: Interruption,
    *,
    gpus: GpuMonitor,
    told: Callable[[ScriptComparison], str],
) -> None:
    due, said = time.monotonic() + every, ""
    gpus.start()
    while not comparison.finished and not interruption.number:
        for notice in comparison.poll(min(TICK_SECONDS, max(0.0, due - time.monotonic()))):
            if isinstance(notice, events.ObservationOff):
                say(f"{notice.run}: {notice.reason}")
            elif isinstance(notice, RunEnded):
                say(f"{notice.run}: {notice.ending.sentence}")
        if table is not None:
            _keep(table, comparison.log)
        gpus.read()
        if time.monotonic() >= due:
            due += every
            line = "  ".join([told(comparison), *gpu_words(gpus.ours)])
            if told is not _words or line != said:  # who listens need not hear it again
                say(line)
            said = line


def _short(comparison: ScriptComparison) -> str:
    return progress(comparison, split=comparison.options.curves != "sum")


def _words(comparison: ScriptComparison) -> str:
    return spoken_progress(comparison, split=comparison.options.curves != "sum")


def _keep(table: TableKeeper, log: Path) -> None:
    try:
        table.follow(str(log))
    except ZgtuiError as error:
        warn(str(error))
