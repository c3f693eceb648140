"""A log that goes on from an earlier step of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.losses.log import LogWriter, losses_path, read_events, read_losses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SLICE = 1 << 16


def branch(log: Path, folder: Path, runs: Sequence[str], steps: int) -> LogWriter:
    """Begin a log in ``folder`` with the first ``steps`` steps of ``log``, and go on from there.

    Logs only ever grow; so training that went back to an earlier step goes on in a new one. It
    holds every loss of these steps, every event that was in force at them and the samples taken at
    them, then a ``step_back`` event that names the log left behind.

    Raises:
        LogError: one cannot be read or the other not be written.
    """
    writer = LogWriter(folder, runs)
    for run in runs:
        for start in range(0, steps, SLICE):
            losses = read_losses(losses_path(log, run), start, min(SLICE, steps - start))
            writer.losses(run, losses)
    for event in read_events(log):
        if event.get("event") != "end" and event.get("step", 0) <= steps:
            writer.event(event["event"], **{k: v for k, v in event.items() if k != "event"})
    writer.event("step_back", step=steps + 1, log=str(log))
    return writer
