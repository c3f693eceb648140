"""What `zgtui check` costs a script: its time per step, checked ÷ bare.

    python -m tests.benchmarks.bench_check [--rounds N]

Models and timing are those of bench_observation. "As-is" is the same script with its losses
observed and nothing recorded, so that what the recorder adds can be told from the rest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import replace

import torch

from tests.benchmarks.bench_observation import MODELS, forked
from zgtui.instrument.protocol import RunSpec

AS_IS = RunSpec(name="A", policy="as-is", log="", folder="")
WAYS = {
    "as-is": AS_IS,
    "check": replace(AS_IS, recorder="zgtui.check.recording.script_recording:make"),
}


def main() -> None:
    """Time all models bare, as-is and checked, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1)], lr=0.1)  # what a first optimizer imports
    for name, model in MODELS.items():
        bare: list[float] = []
        seen: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            bare.append(forked(model, None))
            for way, spec in WAYS.items():
                with tempfile.TemporaryDirectory() as folder:
                    seen[way].append(forked(model, replace(spec, log=folder, folder=folder)))
        alone = statistics.median(bare)
        told = []
        for way, taken in seen.items():
            ratio = statistics.median(one / other for one, other in zip(taken, bare, strict=True))
            added = statistics.median(taken) - alone
            told.append(f"{way} {ratio:.3f} (+{added * 1e6:.1f} µs)")
        sys.stdout.write(f"{name:<11} bare {alone * 1e6:7.1f} µs a step; {'  '.join(told)}\n")


if __name__ == "__main__":
    main()
