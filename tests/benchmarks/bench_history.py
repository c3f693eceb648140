"""What a loss costs on its way to the chart, at 10^3 and at 10^7 steps; prints ratios.

    python tests/benchmarks/bench_history.py

The plain time beside each ratio depends on the machine; the ratio should not.
"""

from __future__ import annotations

import math
import statistics
import time
import tracemalloc
from array import array
from collections.abc import Callable

from zgtui.curves.history import LossHistory
from zgtui.curves.trend import TrendTracker

BATCH = array("d", [math.cos(2.3 * step) ** 2 for step in range(400)])
SHORT, LONG = 10**3, 10**7
COLUMNS = 90


def seconds(work: Callable[[], object], turns: int = 60) -> float:
    """The median time of one call."""
    times = []
    for _ in range(turns):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def fill(take: Callable[[array[float]], None], steps: int) -> float:
    """Feed ``steps`` losses in batches; return seconds per loss."""
    begin = time.perf_counter()
    for _ in range(steps // len(BATCH) + 1):
        take(BATCH)
    return (time.perf_counter() - begin) / steps


def main() -> None:
    """Measure and print."""
    short, long = LossHistory(), LossHistory()
    appended = {SHORT: fill(short.extend, SHORT), LONG: fill(long.extend, LONG)}
    drawn = {
        SHORT: seconds(lambda: short.points(COLUMNS, 1, short.steps)),
        LONG: seconds(lambda: long.points(COLUMNS, 1, long.steps)),
    }
    tracker = TrendTracker()
    tracked = fill(tracker.extend, LONG // 10)
    judged = seconds(lambda: tracker.trend(full_batch=True))

    tracemalloc.start()
    kept = LossHistory()
    fill(kept.extend, 10**6)
    first_million = tracemalloc.get_traced_memory()[0]
    fill(kept.extend, 10**6)
    second_million = tracemalloc.get_traced_memory()[0] - first_million
    tracemalloc.stop()

    print(f"append at 10^7 / at 10^3      {appended[LONG] / appended[SHORT]:8.3f}")
    print(f"points at 10^7 / at 10^3      {drawn[LONG] / drawn[SHORT]:8.3f}")
    print(f"append, per loss              {appended[LONG] * 1e6:8.3f} us")
    print(f"points, {COLUMNS} columns            {drawn[LONG] * 1e3:8.3f} ms")
    print(f"trend, per loss               {tracked * 1e6:8.3f} us")
    print(f"trend, judging                {judged * 1e3:8.3f} ms")
    print(f"memory of a further million   {second_million / 1e3:8.1f} kB")


if __name__ == "__main__":
    main()
