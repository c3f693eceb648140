"""zgtui beside what people use in its place, in one run: ``python -m tests.benchmarks``.

The first time, environments for the peers are made from PyPI in the user's cache folder. What it
finds is printed, and written as a table, as JSON and as a picture. Linux alone: CPU time is read
from /proc.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import first_frames, loading, scale, training
from tests.benchmarks.results import Result, machine, table, write


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "groups",
        nargs="*",
        metavar="GROUP",
        help="training, frames, loading, scale (all)",
    )
    parser.add_argument("--rounds", type=int, default=5, help="times that each is measured (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of training each time (3)")
    parser.add_argument("--out", type=Path, default=Path("benchmarks"), help="folder (benchmarks)")
    given = parser.parse_args()
    groups: dict[str, Callable[[], list[Result]]] = {
        "training": lambda: training.measure(given.rounds, given.seconds),
        "frames": lambda: first_frames.measure(given.rounds),
        "loading": lambda: loading.measure(given.rounds),
        "scale": lambda: scale.measure(given.rounds),
    }
    if unknown := set(given.groups) - set(groups):
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    if sys.platform != "linux":
        parser.error("CPU time is read from /proc, which Linux alone has")
    # Else each program that is started would compile its modules anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    results: list[Result] = []
    for name, measure in groups.items():
        if not given.groups or name in given.groups:
            results += measure()
    described = machine()
    sys.stdout.write(f"{table(results)}\n\n")
    for path in write(given.out, results, described):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
