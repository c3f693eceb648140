"""How fast both runs are trained ÷ two bare loops of the same runs; prints ratios.

    python tests/benchmarks/bench_engine.py [SECONDS] [EXPERIMENT ...]

    together   both runs trained together, nothing else
    worker     with all that the training process does: diagnostics, states to go back to, the log
    by step    the step that the app shows, one run after the other, nothing else

The bare loops are what one would write: both runs on the same batch, each loss fetched by
``item()``. All sides train in short turns in one process, so that whatever else the machine does
meets each. Ratios are of steps per second of processor time: median and quartiles over the turns.
At the end the losses of both ways must be the same bit for bit. SECONDS are for each side of an
experiment (8).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from array import array
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zgtui.config.settings import RUNS, Settings
from zgtui.experiments import load
from zgtui.runlog.log import losses_path, read_losses
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in
from zgtui.worker.logged import LoggedComparison
from zgtui.worker.loop import BATCH_SECONDS, DRAIN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = ("article", "spirals", "moons", "digits", "chars")
TURN = 0.1
WARM_UP = 0.5


def settings_of(name: str, *, diagnostics: bool) -> Settings:
    """Those of a training without end."""
    settings = Settings(experiment=name, steps=0)
    return settings if diagnostics else replace(settings, diagnostics="off")


def during(seconds: float) -> Callable[[], bool]:
    """Says yes for so long."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


class Side:
    """A comparison of its own and a way to train it; ``speeds`` are its turns, in steps/s."""

    def __init__(self, name: str, *, diagnostics: bool = False) -> None:
        experiment = load(name)
        self.settings = fill_in(settings_of(name, diagnostics=diagnostics), experiment, "cpu")
        self.comparison = Comparison(experiment, self.settings)
        self.losses = {run: array("d") for run in RUNS}
        self.steps = 0
        self.speeds: list[float] = []

    def turn(self, seconds: float) -> None:
        """Train for about ``seconds`` of processor time."""
        first, begin = self.steps, time.process_time()
        until = begin + seconds
        self.train(lambda: time.process_time() < until)
        self.speeds.append((self.steps - first) / (time.process_time() - begin))

    def train(self, go_on: Callable[[], bool]) -> None:
        """Train while ``go_on``; here by steps of the comparison."""
        while go_on():
            self.comparison.advance()
            if self.comparison.step % 100 == 0:
                self.drain()
        self.drain()

    def drain(self) -> None:
        """Take in the losses."""
        for run, losses in self.comparison.drain().losses.items():
            self.losses[run].extend(losses)
        self.steps = self.comparison.step


class Together(Side):
    """Both runs in one go."""

    def train(self, go_on: Callable[[], bool]) -> None:
        """Train while ``go_on``."""
        while go_on():
            self.comparison.advance_to(self.comparison.step + 100, go_on)
            self.drain()


class Bare(Side):
    """Two plain loops."""

    def train(self, go_on: Callable[[], bool]) -> None:
        """Train while ``go_on``."""
        (a, b), criterion = self.comparison.runs.values(), self.comparison.criterion
        first, second = self.losses.values()
        while go_on():
            inputs, targets = self.comparison.batches.next()
            a.optimizer.zero_grad()
            loss = criterion(a.model(inputs), targets)
            loss.backward()
            a.optimizer.step()
            first.append(loss.item())
            loss = criterion(b.model(inputs), targets)
            loss.backward()
            b.optimizer.step()
            second.append(loss.item())
            self.steps += 1


class Worker(Side):
    """With all that the training process does beside."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, diagnostics=True)
        self._folder = folder
        self._own_time = 0.0
        with self._own_clock():
            self._logged = LoggedComparison(self.comparison, self.settings, folder)

    @contextmanager
    def _own_clock(self) -> Iterator[None]:
        """What may take a share of the time takes it of this side's processor time."""
        clocks = time.monotonic, time.perf_counter
        away = time.process_time() - self._own_time
        time.monotonic = time.perf_counter = lambda: time.process_time() - away
        try:
            yield
            self._own_time = time.monotonic()
        finally:
            time.monotonic, time.perf_counter = clocks

    def turn(self, seconds: float) -> None:
        """Train for about ``seconds`` of processor time."""
        with self._own_clock():
            super().turn(seconds)

    def train(self, go_on: Callable[[], bool]) -> None:
        """Train while ``go_on``, as the worker's loop does."""
        comparison, drained = self.comparison, time.monotonic()
        while go_on():
            now = time.monotonic()
            if comparison.diagnostics.due(comparison.step + 1):
                comparison.advance(sample=True)
            else:
                last = comparison.diagnostics.unsampled(comparison.step + 1)
                comparison.advance_to(last, during(BATCH_SECONDS))
            self._logged.keep_state(now, always=False)
            if now >= drained + DRAIN_SECONDS:
                self._logged.drain()
                drained = now
        self._logged.drain()
        self.steps = comparison.step

    def read(self) -> None:
        """Take in the losses from the log, and close it."""
        self._logged.end("measured")
        for run in RUNS:
            self.losses[run] = read_losses(losses_path(self._folder, run), 0, self.steps)


def measure(name: str, seconds: float, folder: Path) -> None:
    """Print the ratios of one experiment.

    Raises:
        SystemExit: if a loss differs from that of the bare loops.
    """
    bare, worker = Bare(name), Worker(name, folder)
    sides = {"together": Together(name), "worker": worker, "by step": Side(name)}
    everyone = [bare, *sides.values()]
    for side in everyone:
        side.turn(WARM_UP)
        side.speeds.clear()
    for turn in range(int(seconds / TURN)):
        # Backwards every other time: what ran before leaves the caches to itself.
        for side in everyone[:: -1 if turn % 2 else 1]:
            side.turn(TURN)
    worker.read()
    shown = []
    for word, side in sides.items():
        steps = min(side.steps, bare.steps)
        if any(bytes(side.losses[run][:steps]) != bytes(bare.losses[run][:steps]) for run in RUNS):
            sys.exit(f"{name}, {word}: the losses differ from those of the bare loops")
        ratios = [one / other for one, other in zip(side.speeds, bare.speeds, strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        shown.append(f"{middle:6.2f} ({low:.2f} to {high:.2f})")
    speed = statistics.median(bare.speeds)
    print(f"{name:<12}{'  '.join(shown)}  {speed:10,.0f}  {bare.steps:,}", flush=True)


def main() -> None:
    """Measure and print."""
    given = sys.argv[1:]
    seconds = float(given.pop(0)) if given else 8.0
    torch.set_num_threads(1)
    heads = "".join(f"{word:<24}" for word in ("together", "worker", "by step"))
    print(f"{'':<12}{heads}  bare steps/s, all the same bit for bit")
    for name in given or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            measure(name, seconds, Path(folder) / "log")


if __name__ == "__main__":
    main()
