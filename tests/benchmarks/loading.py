"""How long ``zgtui view`` takes for large files: process start until all of it is on the screen."""

from __future__ import annotations

import math
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.bench_app import Terminal
from tests.benchmarks.results import Result, progress
from zgtui.config.settings import RUNS, Settings
from zgtui.runlog.log import LogWriter

GROUP = "Loading in zgtui view, in this order over import textual"
LATEST = 600.0
BLOCK = 10_000


def measure(rounds: int) -> list[Result]:
    """Each file, ``rounds`` times, over importing textual, which tells how fast the machine is."""
    results = [Result(GROUP, "import textual", statistics.median(_imports(rounds)), "s", 1.0)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, make in FILES.items():
            progress(f"loading: {title}")
            path, steps = make(folder)
            pairs = [(_seconds(path, steps), _imports(1)[0]) for _ in range(rounds)]
            ratios = [seconds / base for seconds, base in pairs]
            results.append(
                Result(
                    GROUP, title, statistics.median(seconds for seconds, _ in pairs), "s",
                    statistics.median(ratios), min(ratios), max(ratios),
                )
            )  # fmt: skip
    return results


def _imports(rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "from textual.app import App"], check=True)
        taken.append(time.perf_counter() - begin)
    return taken


def _seconds(path: Path, steps: int) -> float:
    with tempfile.TemporaryDirectory() as state:
        terminal = Terminal(["-m", "zgtui", "view", str(path)], Path(state))
        try:
            return terminal.wait_for(re.escape(f"step {steps:,}").encode(), LATEST)
        finally:
            terminal.end()


def wide_table(folder: Path) -> tuple[Path, int]:
    """20 curves of 50,000 steps."""
    return _csv(folder / "curves.csv", 20, lambda rows, _size: rows < 50_000)


def large_table(folder: Path) -> tuple[Path, int]:
    """Two curves, 300 MB."""
    return _csv(folder / "large.csv", 2, lambda _rows, size: size < 300_000_000)


def _csv(path: Path, curves: int, more: Callable[[int, int], bool]) -> tuple[Path, int]:
    chance = random.Random(1)
    noise = [repr(chance.random()) for _ in range(997)]
    rows = size = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["step", *(f"loss{at}" for at in range(curves))]) + "\n")
        while more(rows, size):
            block = [
                ",".join([str(row), *(noise[(row + 31 * at) % 997] for at in range(curves))])
                for row in range(rows + 1, rows + BLOCK + 1)
            ]
            rows, text = rows + BLOCK, "\n".join(block) + "\n"
            size += file.write(text)
    return path, rows


def long_log(folder: Path) -> tuple[Path, int]:
    """The log of two runs of 10,000,000 steps."""
    log, steps = folder / "log", 10_000_000
    writer = LogWriter(log, RUNS)
    writer.event("start", settings=Settings().to_dict(), steps_per_epoch=1, device="cpu")
    part = array("d", [math.cos(2.3 * step) ** 2 for step in range(100_000)])
    for _ in range(steps // len(part)):
        for name in RUNS:
            writer.losses(name, part)
    writer.close()
    return log, steps


FILES: dict[str, Callable[[Path], tuple[Path, int]]] = {
    "a table of 20 curves, 50,000 steps": wide_table,
    "a log of 10,000,000 steps": long_log,
    "a table of 300 MB": large_table,
}
