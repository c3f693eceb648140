"""Steps of both runs a second, on each device and with CUDA graphs: prints and writes them.

    python tests/cuda/measure.py [DEVICE …]

Of each experiment a line of JSON: what it trained on, whether steps were replayed from graphs, and
the rate, losses fetched every 20 ms, without the log; then how many times as fast graphs are, and
whether that is as much as it is to be. $OUT/measured.json has all. By default the devices are the
CPU and the first GPU; what is too large for a CPU is left out there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from tests.cuda.target import GPU, TRIAL, capturer
from tests.support.capturing import let_the_processor_capture
from zgtui.config.settings import Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.training.comparison import Comparison
from zgtui.training.joint import graphed_steps
from zgtui.training.joint.graphed_steps import GRAPHS_OFF
from zgtui.training.run import fill_in
from zgtui.worker.loop import DRAIN_SECONDS

MEASURED: tuple[tuple[str, str | None], ...] = (
    ("article", None),
    ("spirals", None),
    ("digits", None),
    ("chars", None),
    ("chars", "large"),
)
WARM_SECONDS, SECONDS = (0.2, 0.2) if TRIAL else (0.5, 1.0)
EAGER_STEPS = 2
"""Before the first is captured: 64 of a large model would take too long here."""
GOALS = {
    ("article", None): 5.0,
    ("spirals", None): 3.0,
    ("digits", None): 3.0,
    ("chars", "large"): 1.0,
}
"""How many times as fast as single steps those from graphs are to be."""


def steps_per_second(experiment: str, size: str | None, device: str, *, graphs: bool) -> float:
    """The rate after a while, in which steps are captured."""
    made = load(experiment, size)
    settings = Settings(experiment=experiment, size=size, diagnostics="off", steps=0)
    comparison = Comparison(made, fill_in(settings, made, device), capturer() if graphs else None)
    comparison.advance_to(EAGER_STEPS + 2)
    comparison.drain()
    _train(comparison, WARM_SECONDS)
    off = [remark for remark in comparison.remarks if remark.startswith(GRAPHS_OFF)]
    if off:
        raise RuntimeError(off[0])
    begin, first = time.monotonic(), comparison.step
    _train(comparison, SECONDS)
    return (comparison.step - first) / (time.monotonic() - begin)


def is_gpu(device: str) -> bool:
    """Whether it is one of NVIDIA's, or what stands in for one."""
    return device == GPU or device.startswith("cuda")


def _train(comparison: Comparison, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        until = time.monotonic() + DRAIN_SECONDS
        comparison.advance_to(float("inf"), lambda until=until: time.monotonic() < until)  # type: ignore[misc]  # the time is that of this turn
        comparison.drain()


def main(devices: list[str]) -> int:
    """Measure all; returns 1 where something could not be."""
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for row in measured(devices):
        tell(rows, row)
    for row in ratios(rows):
        tell(rows, row)
    return int(any("problem" in row or row.get("reached") is False for row in rows))


def measured(devices: list[str]) -> Iterator[dict[str, Any]]:
    """A row for each experiment, on each device, step by step and on a GPU from graphs."""
    for experiment, size in MEASURED:
        for device in devices if size is None else filter(is_gpu, [] if TRIAL else devices):
            for graphs in (False, True) if is_gpu(device) else (False,):
                row: dict[str, Any] = {"experiment": experiment, "size": size, "device": device}
                row["graphs"] = graphs
                try:
                    rate = steps_per_second(experiment, size, device, graphs=graphs)
                    row["steps_per_second"] = round(rate, 1)
                except ImportError:
                    row["left out"] = f"needs {EXPERIMENTS[experiment].needs}"
                except Exception as error:  # noqa: BLE001 - the others are measured all the same
                    row["problem"] = f"{type(error).__name__}: {error}"
                yield row


def tell(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    """Print ``row``, and write it with those before it."""
    rows.append(row)
    print(json.dumps(row), flush=True)
    Path(os.environ.get("OUT", "."), "measured.json").write_text(json.dumps(rows))


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many times as fast graphs are on a GPU, and whether that is enough; in a trial, not."""
    found = []
    for (experiment, size), goal in GOALS.items():
        rates = {
            row["graphs"]: row["steps_per_second"]
            for row in rows
            if (row["experiment"], row["size"]) == (experiment, size)
            and is_gpu(row["device"])
            and "steps_per_second" in row
        }
        if len(rates) == 2:
            times = round(rates[True] / rates[False], 2)
            row = {"experiment": experiment, "size": size, "times": times, "goal": goal}
            found.append(row | ({} if TRIAL else {"reached": times >= goal}))
    return found


if __name__ == "__main__":
    graphed_steps.SETTLED_STEPS = EAGER_STEPS
    if TRIAL:
        let_the_processor_capture(setattr)
    sys.exit(main(sys.argv[1:] or list(dict.fromkeys(["cpu", GPU]))))
