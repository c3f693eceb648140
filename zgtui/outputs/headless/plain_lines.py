"""Training told in words, a line a second: for screen readers, and for whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable

from zgtui.config.settings import RUNS, RunName
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.outputs.headless.progress import NullReporter
from zgtui.outputs.stdout import SafeStdout
from zgtui.runlog.follow import Chunk
from zgtui.worker.protocol import ComparisonStarted

SECONDS = 1.0


def spoken(trend: Trend) -> str:
    """What the losses do, in words that are read aloud well; empty where there is nothing."""
    if trend.state == "growing" and trend.growth is not None:
        return f"growing by a factor of {trend.growth:.3g} per step"
    return trend.words


class WordsReporter(NullReporter):
    """Tells both runs in one line, at most once in ``SECONDS``; ``clock`` is in seconds."""

    def __init__(self, outlet: SafeStdout, clock: Callable[[], float] = time.monotonic) -> None:
        self._outlet, self._clock = outlet, clock
        self._trackers = {name: TrendTracker() for name in RUNS}
        self._last: dict[RunName, float] = {}
        self._step = self._planned = 0
        self._full_batch = False
        self._clears: dict[RunName, str] = {}
        self._due = 0.0
        self._told_at = 0

    def begin(self) -> None:
        """Say what is waited for."""
        self._outlet.tell_lines("PyTorch is being imported.")

    def started(self, started: ComparisonStarted) -> None:
        """Say what is trained."""
        settings = started.settings
        self._planned, self._full_batch = settings.steps or 0, started.full_batch
        self._clears = {name: settings.run(name).title for name in RUNS}
        runs = ". ".join(f"Run {name}: {title}" for name, title in self._clears.items())
        self._outlet.tell_lines(f"Training {settings.experiment} on {settings.device}. {runs}.")
        self._due = self._clock() + SECONDS

    def chunk(self, chunk: Chunk) -> None:
        """Take in these losses; say where both runs are, where that was not said for a second."""
        for name, losses in chunk.losses.items():
            if losses and name in self._trackers:
                self._trackers[name].extend(losses)
                self._last[name] = losses[-1]
        self._step = max(self._step, chunk.first_step + chunk.steps - 1)
        if self._clock() >= self._due:
            self._tell()

    def close(self) -> None:
        """Say where it ended."""
        if self._step > self._told_at:
            self._tell()

    def _tell(self) -> None:
        of = f" of {self._planned:,}" if self._planned else ""
        runs = [self._run(name, loss) for name, loss in self._last.items()]
        self._outlet.tell_lines(" ".join([f"Step {self._step:,}{of}.", *runs]))
        self._told_at, self._due = self._step, self._clock() + SECONDS

    def _run(self, name: RunName, loss: float) -> str:
        state = spoken(self._trackers[name].trend(full_batch=self._full_batch))
        return f"Run {name}: loss {loss:.3g}{f', {state}' if state else ''}."
