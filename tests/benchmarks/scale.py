"""What a step, a frame, a curve and a rank cost as there are more of them: it should stay so."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.results import Result, progress
from zgtui.charts import axes, plot
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker

STEPS = (10**3, 10**4, 10**5, 10**6, 10**7)
CURVES = (1, 5, 20)
RANKS = (1, 2, 8)
BATCH = array("d", [math.cos(2.3 * step) ** 2 for step in range(500)])
COLUMNS = 90
TURNS = 60
RANK_STEPS = 300
RANK_SCRIPT = """
import os, sys, time, torch
from torch import distributed, nn
torch.set_num_threads(1)
distributed.init_process_group("gloo")
layers = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
net = nn.parallel.DistributedDataParallel(layers)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(64, 64), torch.randn(64, 10)
for step in range(int(sys.argv[1]) + 20):
    if step == 20:
        began = time.process_time()
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
taken = (time.process_time() - began) / int(sys.argv[1])
with open(os.path.join(sys.argv[2], str(distributed.get_rank())), "a") as file:
    file.write(f"{taken}\\n")
distributed.barrier()  # else gloo now and then aborts the rank that ends last
distributed.destroy_process_group()
"""


def measure(rounds: int) -> list[Result]:
    """All of it; each figure over that of the fewest."""
    return [
        *_group("A loss on its way into the chart, after so many steps", "ns", STEPS, _per_loss),
        *_group("The points of a frame, of so many steps", "µs", STEPS, _per_frame),
        *_group("Drawing a curve, beside so many others in a chart", "ms", CURVES, _per_curve),
        *ranks(rounds),
    ]


Work = Callable[[], object]


def _group(
    name: str, unit: str, sizes: Sequence[int], prepare: Callable[[int], tuple[Work, float]]
) -> list[Result]:
    """What ``prepare`` gives is done for each size in turn: other work on the machine hits all."""
    progress(f"scale: {name}")
    works = {size: prepare(size) for size in sizes}
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(TURNS):
        for size, (work, factor) in works.items():
            taken[size].append(_cpu(work) * factor)
    first = taken[sizes[0]]
    return [
        Result(
            name, f"{size:,}", statistics.median(mine), unit,
            statistics.median(one / base for one, base in zip(mine, first, strict=True)),
        )
        for size, mine in taken.items()
    ]  # fmt: skip


def _cpu(work: Work) -> float:
    """Seconds of CPU time."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _filled(steps: int) -> tuple[LossHistory, TrendTracker]:
    history, tracker = LossHistory(), TrendTracker()
    for _ in range(steps // len(BATCH)):
        history.extend(BATCH)
        tracker.extend(BATCH)
    return history, tracker


def _per_loss(steps: int) -> tuple[Work, float]:
    history, tracker = _filled(steps)

    def take() -> None:
        history.extend(BATCH)
        tracker.extend(BATCH)

    return take, 1e9 / len(BATCH)


def _per_frame(steps: int) -> tuple[Work, float]:
    history, _ = _filled(steps)
    return lambda: history.points(COLUMNS, 1, history.steps), 1e6


def _per_curve(curves: int) -> tuple[Work, float]:
    steps = [float(at) for at in range(2 * COLUMNS)]
    lines = [plot.Line(steps, [math.cos(at / 9 + one) for at in steps]) for one in range(curves)]
    x = axes.Axis(axes.Limits(0.0, 2.0 * COLUMNS), ())
    y = axes.Axis(axes.Limits(-1.0, 1.0), ())

    def draw() -> None:
        plot.draw(COLUMNS, 30, x, y, lines, gutter=None)

    draw()
    return draw, 1e3 / curves


def ranks(rounds: int) -> list[Result]:
    """CPU time of a step in rank 0, and in the last rank, under ``zgtui run`` over torchrun."""
    results = []
    for count in RANKS:
        progress(f"scale: {count} ranks")
        ratios: dict[str, list[float]] = {"rank 0": [], "last rank": []}
        for _ in range(rounds):
            bare, seen = _ranks(count, watched=False), _ranks(count, watched=True)
            ratios["rank 0"].append(seen[0] / bare[0])
            ratios["last rank"].append(seen[-1] / bare[-1])
        results += [
            Result(
                "A step of a script under zgtui run, gloo on the CPU, over torchrun",
                f"{name} of {count}",
                statistics.median(taken), "× the bare step",
                statistics.median(taken), min(taken), max(taken),
            )
            for name, taken in ratios.items()
        ]  # fmt: skip
    return results


def _ranks(count: int, *, watched: bool) -> list[float]:
    """Seconds of CPU time a step took in each rank."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "train.py"
        script.write_text(RANK_SCRIPT, encoding="utf-8")
        launcher = ["zgtui", "run", "--plain", "--sequential", "--nproc-per-node", str(count)]
        if not watched:
            launcher = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
        subprocess.run(
            [sys.executable, "-m", *launcher, str(script), str(RANK_STEPS), str(folder)],
            check=True, capture_output=True, timeout=900,
            env=dict(os.environ, ZGTUI_STATE_DIR=str(folder / "state"), OMP_NUM_THREADS="1"),
        )  # fmt: skip
        found = [(folder / str(rank)).read_text(encoding="utf-8") for rank in range(count)]
        return [float(text.split()[0]) for text in found]
