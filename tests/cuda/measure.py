"""Steps of both runs a second, on each device and with CUDA graphs: prints and writes them.

    python tests/cuda/measure.py [DEVICE …]

Of each experiment a line of JSON: what it trained on, whether steps were replayed from graphs, and
the rate, losses fetched every 20 ms, without the log. $OUT/measured.json has all. By default
the devices are the CPU and the first GPU; what is too large for a CPU is left out there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

from zgtui.config.settings import Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.training.capturers import suitable_capturer
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in
from zgtui.worker.loop import DRAIN_SECONDS

MEASURED: tuple[tuple[str, str | None], ...] = (
    ("article", None),
    ("spirals", None),
    ("digits", None),
    ("chars", None),
    ("chars", "large"),
)
WARM_SECONDS, SECONDS = 1.5, 2.0


def steps_per_second(experiment: str, size: str | None, device: str, *, graphs: bool) -> float:
    """The rate after a while, in which steps are captured."""
    made = load(experiment, size)
    settings = Settings(experiment=experiment, size=size, diagnostics="off", steps=0)
    capturer = suitable_capturer(device) if graphs else None
    comparison = Comparison(made, fill_in(settings, made, device), capturer)
    _train(comparison, WARM_SECONDS)
    if comparison.remark:
        raise RuntimeError(comparison.remark)
    begin, first = time.monotonic(), comparison.step
    _train(comparison, SECONDS)
    return (comparison.step - first) / (time.monotonic() - begin)


def is_gpu(device: str) -> bool:
    """Whether it is one of NVIDIA's."""
    return device.startswith("cuda")


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
    for experiment, size in MEASURED:
        listing = EXPERIMENTS[experiment]
        for device in devices if size is None else filter(is_gpu, devices):
            for graphs in (False, True) if is_gpu(device) else (False,):
                row: dict[str, Any] = {"experiment": experiment, "size": size, "device": device}
                row["graphs"] = graphs
                try:
                    rate = steps_per_second(experiment, size, device, graphs=graphs)
                    row["steps_per_second"] = round(rate, 1)
                except ImportError:
                    row["left out"] = f"needs {listing.needs}"
                except Exception as error:  # noqa: BLE001 - the others are measured all the same
                    row["problem"] = f"{type(error).__name__}: {error}"
                rows.append(row)
                print(json.dumps(row), flush=True)
                Path(os.environ.get("OUT", "."), "measured.json").write_text(json.dumps(rows))
    return int(any("problem" in row for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["cpu", "cuda:0"]))
