"""What diagnostics cost: training speed with them on ÷ with them off; prints ratios.

    python tests/benchmarks/bench_diagnostics.py [SECONDS]

Both comparisons of an experiment train in short turns in one process, at
full speed and past the first steps, and hand over what they trained as a worker does, into logs in
a temporary folder; the ratio is of their median turns. SECONDS for each experiment (default 8).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from zgtui.config.settings import Settings
from zgtui.experiments import load
from zgtui.runlog.log import LogWriter
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in
from zgtui.worker.logged import record

NAMES = ("article", "spirals", "digits", "chars")
TURN = 0.15
DRAIN_SECONDS = 0.02
WARM_UP = 1.0


@dataclass
class Side:
    """One comparison in training; ``speeds`` are steps a second of its turns."""

    comparison: Comparison
    log: LogWriter
    speeds: list[float] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        """Train for about ``seconds``."""
        comparison = self.comparison
        first, begin = comparison.step, time.perf_counter()
        # The turns of the other side are not time that this one may spend a share of.
        comparison.diagnostics.pause()
        drained = now = begin
        while now < begin + seconds:
            comparison.advance(sample=comparison.diagnostics.due(comparison.step + 1))
            now = time.perf_counter()
            if now >= drained + DRAIN_SECONDS:
                self.drain()
                drained = now
        self.drain()
        self.speeds.append((comparison.step - first) / (time.perf_counter() - begin))

    def drain(self) -> None:
        """As the worker does."""
        begin = time.perf_counter()
        found = self.comparison.drain()
        record(self.log, found)
        if found.samples:
            self.comparison.diagnostics.charge(time.perf_counter() - begin)


def side(name: str, settings: Settings, folder: Path) -> Side:
    """A comparison on the CPU that is past its first steps."""
    experiment = load(name, settings.size)
    comparison = Comparison(experiment, fill_in(settings, experiment, "cpu"))
    made = Side(comparison, LogWriter(folder, comparison.logged_runs))
    made.turn(WARM_UP)
    made.speeds.clear()
    return made


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    torch.set_num_threads(1)
    print("experiment     on / off   steps/s off   samples/s")
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(experiment=name, steps=0)
            on = side(name, settings, Path(folder, "on"))
            off = side(name, replace(settings, diagnostics="off"), Path(folder, "off"))
            size = Path(folder, "on", "events.jsonl").stat().st_size
            for turn in range(int(seconds / TURN / 2)):
                # In turns first and second: what ran before leaves the caches to itself.
                for one in (on, off) if turn % 2 else (off, on):
                    one.turn(TURN)
            # an event is one line of about 160 bytes, for each run and sampled step
            grown = Path(folder, "on", "events.jsonl").stat().st_size - size
            ratio = statistics.median(a / b for a, b in zip(on.speeds, off.speeds, strict=True))
            rate = grown / 160 / 2 / (len(on.speeds) * TURN)
            print(f"{name:<12}{ratio:11.3f}{statistics.median(off.speeds):14.1f}{rate:12.1f}")
            on.log.close()
            off.log.close()


if __name__ == "__main__":
    main()
