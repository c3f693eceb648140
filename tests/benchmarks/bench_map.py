"""What a stability map costs: 10,000 runs of 100 steps ÷ 20 plain ones; prints the ratio.

    python tests/benchmarks/bench_map.py [ROUNDS]

The runs of a map, all as one batch of tensors, and 20 runs of the article's loop in plain PyTorch
take turns in one process, on one thread; the ratio is of the best turns. ROUNDS is 5 by default.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable

import torch

from zgtui.experiments import load
from zgtui.theory.stability_map import MapGrid
from zgtui.training.many_runs import ManyRuns

SIDE, STEPS, PLAIN = 100, 100, 20


def seconds(work: Callable[[], None]) -> float:
    """What ``work`` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    """Measure, and print the ratio."""
    torch.set_num_threads(1)
    torch.manual_seed(42)
    experiment = load("article")
    model, data = experiment.model(), experiment.data()
    grid = MapGrid("clearing", SIDE, SIDE)
    cells = [(row, column) for row in range(SIDE) for column in range(SIDE)]
    rules = [grid.rule(row) for row, _ in cells]
    lrs = [grid.q(column) / 12 for _, column in cells]

    def batched() -> None:
        ManyRuns(model, experiment.criterion, data.inputs, data.targets, rules, lrs).advance(STEPS)

    def plain() -> None:
        for _ in range(PLAIN):
            own = copy.deepcopy(model)
            optimizer = torch.optim.SGD(own.parameters(), lr=0.1)
            for _ in range(STEPS):
                optimizer.zero_grad()
                experiment.criterion(own(data.inputs), data.targets).backward()
                optimizer.step()

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    turns = [(seconds(batched), seconds(plain)) for _ in range(rounds + 1)][1:]
    best = [min(times) for times in zip(*turns, strict=True)]
    print(f"{SIDE * SIDE:,} runs of {STEPS} steps in one batch: {best[0]:.3f} s")
    print(f"{PLAIN} plain runs of {STEPS} steps: {best[1]:.3f} s")
    print(f"ratio {best[0] / best[1]:.2f} (aim: at most 1)")


if __name__ == "__main__":
    main()
