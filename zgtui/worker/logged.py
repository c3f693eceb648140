"""The comparison under way: its log, which holds whatever happens to it, and its slow motion."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, RunName, Settings
from zgtui.runlog.events import ClearingChanged, Ended, Event, LrChanged, Sampled, Started
from zgtui.runlog.log import MOMENTUM_TWIN, LogWriter, branch
from zgtui.training.comparison import start_event
from zgtui.training.rewind import Rewind
from zgtui.worker.protocol import AtLine, ComparisonStarted, SetClearing, SetLr

if TYPE_CHECKING:
    from zgtui.training.comparison import Comparison, Drained


class LoggedComparison:
    """``comparison``, made of ``settings``, with its log in ``folder``; it can go back in time.

    Raises:
        LogError: from every method, if the log cannot be written.
    """

    def __init__(self, comparison: Comparison, settings: Settings, folder: Path) -> None:
        self.comparison = comparison
        self.accuracy: dict[RunName, float] = {}
        """The last that was measured, from 0 to 1."""
        self._rewind = Rewind(comparison)
        self._settings = settings
        self._kept_at = time.monotonic()
        self._log = LogWriter(folder, comparison.logged_runs)
        self._log.write(Started(start_event(comparison, settings)))

    @property
    def next_step(self) -> int:
        """The step that is trained next, counted from 1."""
        return self.comparison.step + 1

    def started(self) -> ComparisonStarted:
        """What there is to know of it at this step."""
        event = start_event(self.comparison, self._settings)
        return ComparisonStarted(
            log=str(self._log.folder),
            settings=self._settings,
            optimizer=event["optimizer"],
            steps_per_epoch=event["steps_per_epoch"],
            full_batch=event["full_batch"],
            samples_per_step=event["samples_per_step"],
            same_init=event["same_init"],
            step=self.comparison.step,
            weights=self.comparison.fingerprints.weights,
            batches=self.comparison.fingerprints.batches,
            modes=event["modes"],
            min_loss=event["min_loss"],
            sharpness=event["sharpness"],
            chance=event["chance"],
        )

    def write(self, event: Event) -> None:
        """Put ``event`` into the log."""
        self._log.write(event)

    def change(self, command: SetLr | SetClearing) -> None:
        """Give a run another learning rate or policy from the next step on."""
        run = command.run
        if isinstance(command, SetLr):
            self._rewind.set_lr(run, command.lr)
            self.write(LrChanged(run, command.lr, self.next_step))
        else:
            clear, accumulate = command.clear, command.accumulate
            self._rewind.set_clearing(run, clear, accumulate)
            self.write(ClearingChanged(run, clear, accumulate, step=self.next_step))

    def keep_state(self, now: float, *, always: bool) -> None:
        """Keep the state after this step to go back to: ``always``, or where it is paid for.

        ``now`` is when the step began, in seconds.
        """
        self._rewind.earn(now - self._kept_at)
        self._kept_at = now
        if always or self._rewind.affordable():
            begin = time.monotonic()
            self._rewind.keep()
            self._rewind.spend(time.monotonic() - begin)

    def step_back(self, step: int, folder: Path) -> None:
        """Go back to ``step``, in a new log ``folder``: the old one stays as it is."""
        self.drain()
        self._rewind.back_to(step)
        old, self._log = (
            self._log,
            branch(self._log.folder, folder, self.comparison.logged_runs, step),
        )
        old.write(Ended(step, "stepped back"))
        old.close()
        for name in RUNS:
            run = self.comparison.runs[name]
            changed = {"clear": run.clearing, "lr": run.lr, "accumulate": run.micro_batches}
            self._settings = self._settings.with_run(name, **changed)
        self.accuracy.clear()

    def drain(self) -> None:
        """Write what was trained and measured since the last call."""
        begin = time.monotonic()
        drained = self.comparison.drain()
        self.accuracy |= record(self._log, drained)
        if drained.samples:
            self.comparison.diagnostics.charge(time.monotonic() - begin)

    def end(self, reason: str) -> None:
        """Write the rest and close the log."""
        self.drain()
        together = self.comparison.steps_together
        self.write(Ended(self.comparison.step, reason, together=together))
        self._log.close()


def record(log: LogWriter, drained: Drained) -> dict[RunName, float]:
    """Append what was drained; return the newest accuracies in it.

    Raises:
        LogError: if the log cannot be written.
    """
    together: dict[tuple[RunName, int], dict[str, float]] = {}
    accuracy: dict[RunName, float] = {}
    for sample in drained.samples:
        together.setdefault((sample.run, sample.step), {})[sample.name] = sample.value
        if sample.name == "accuracy":
            accuracy[sample.run] = sample.value
    # A table follows each run's samples in the order of their steps.
    for (run, step), values in sorted(together.items(), key=lambda item: item[0][1]):
        log.write(Sampled(run, step, values))
    for name, losses in drained.losses.items():
        if losses:
            log.losses(name, losses)
    if drained.momentum_twin:
        log.losses(MOMENTUM_TWIN, drained.momentum_twin)
    return accuracy


SLOWEST = 1.0
"""Up to so many steps a second a line lasts long enough to be seen."""
SHARE = 0.9
"""The part of the time between two steps that their lines take together, at most."""
LONGEST_REST = 0.5
"""Seconds on one line."""


class SlowMotion:
    """Sends each line of a step as a run comes to it, and rests on it.

    ``asked`` waits so many seconds for a command and returns whether there is one.
    """

    def __init__(self, send: Callable[[AtLine], None], asked: Callable[[float], bool]) -> None:
        self._send = send
        self._asked = asked

    def of(self, comparison: Comparison, speed: float) -> Callable[[RunName, int], None] | None:
        """Follows the next step at ``speed`` steps a second; None where that is too fast."""
        if not 0 < speed <= SLOWEST:
            return None
        step = comparison.step + 1
        rest = min(LONGEST_REST, SHARE / speed / comparison.lines)
        hurry = False

        def follow(run: RunName, line: int) -> None:
            nonlocal hurry
            self._send(AtLine(run, step, line))
            # A command is answered between two steps: what is left of this one hurries.
            hurry = hurry or self._asked(rest)

        return follow
