"""What ``zgtui.log`` costs: microseconds a call, its writing thread included.

    python -m tests.benchmarks.bench_log [--rounds N]

CPU time of the whole process, so that other work on the machine counts less; the median of the
rounds is told. A tensor's share is its own ``item()``, told beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

import zgtui

CALLS = 200_000
MAX_MICROSECONDS = 5.0
"""A call with a number takes no longer on average."""


def microseconds(call: Callable[[], object]) -> float:
    """CPU time of a call, of all threads."""
    began = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - began) / CALLS * 1e6


def main() -> None:
    """Time both kinds of losses and print them; exit with 1 where a number takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    tensor = torch.tensor(0.5, requires_grad=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "log"
        calls: dict[str, Callable[[], object]] = {
            "zgtui.log(loss=number)": lambda: zgtui.log(loss=0.5, folder=place),
            "zgtui.log(loss=tensor)": lambda: zgtui.log(loss=tensor, run="B", folder=place),
            "tensor.item()": tensor.item,
        }
        times = {name: [microseconds(call) for _ in range(rounds)] for name, call in calls.items()}
        logged = (place / "A.f64").stat().st_size // 8
    for name, seen in times.items():
        sys.stdout.write(f"{name:<24}{statistics.median(seen):6.2f} µs a call\n")
    sys.stdout.write(f"{logged:,} losses written by then\n")
    sys.exit(statistics.median(times["zgtui.log(loss=number)"]) > MAX_MICROSECONDS)


if __name__ == "__main__":
    main()
