"""What `zgtui check` costs a script: the whole command beside the script's own first 60 steps.

    python -m tests.benchmarks.bench_check [--rounds N]

Models are those of bench_observation. For each, CPU time of the bare script, which ends after the
60 steps that `check` looks at, and of `zgtui check` on it, in turn; then the time of a step alone,
checked ÷ bare. "As-is" is the same with losses observed and nothing recorded, so that what the
recorder adds can be told from the rest.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from tests.benchmarks.bench_observation import MODELS, Model, forked
from zgtui.instrument.protocol import RunSpec

STEPS = 60
"""As many as `zgtui check` looks at."""
MAX_ADDED = 1.0
"""Seconds that the command may take beyond the script's own 60 steps, twice."""
AS_IS = RunSpec(name="A", policy="as-is", log="", folder="")
WAYS = {
    "as-is": AS_IS,
    "check": replace(AS_IS, recorder="zgtui.check.recording.script_recording:make"),
}
SCRIPT = """
import torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(0)
widths, batch = {widths}, {batch}
layers = []
for inputs, outputs in zip(widths, widths[1:]):
    layers += [nn.Linear(inputs, outputs), nn.ReLU()]
net = nn.Sequential(*layers[:-1])
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(batch, widths[0]), torch.randn(batch, widths[-1])
for step in range({steps}):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
"""


def cpu_of(words: Sequence[str], state: Path) -> float:
    """CPU time of a program and of what it starts, seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "ZGTUI_STATE_DIR": str(state)}
    subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(model: Model, rounds: int) -> tuple[float, float]:
    """The median CPU time of the bare script, and of checking it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "train.py"
        text = SCRIPT.format(widths=model.widths, batch=model.batch, steps=STEPS)
        script.write_text(text, encoding="utf-8")
        pairs = [
            (cpu_of([str(script)], folder), cpu_of(["-m", "zgtui", "check", str(script)], folder))
            for _ in range(rounds)
        ]
    bare, checked = (statistics.median(taken) for taken in zip(*pairs, strict=True))
    return bare, checked


def steps(model: Model, rounds: int) -> tuple[float, dict[str, float]]:
    """Seconds of a bare step, and how many times as long it takes in each way."""
    short = replace(model, steps=STEPS)
    bare: list[float] = []
    seen: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        bare.append(forked(short, None))
        for way, spec in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                seen[way].append(forked(short, replace(spec, log=folder, folder=folder)))
    ratios = {
        way: statistics.median(one / other for one, other in zip(taken, bare, strict=True))
        for way, taken in seen.items()
    }
    return statistics.median(bare), ratios


def main() -> None:
    """Time all models and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1)], lr=0.1)  # what a first optimizer imports
    for name, model in MODELS.items():
        bare, checked = commands(model, rounds)
        step, ratios = steps(model, rounds)
        own = step * STEPS
        added = checked - bare - own
        told = "  ".join(f"{way} {ratio:.2f}" for way, ratio in ratios.items())
        sys.stdout.write(
            f"{name:<11} script {bare:.2f} s, checked {checked:.2f} s:"
            f" {added:.2f} s beyond its own {STEPS} steps ({own:.2f} s) twice"
            f" (at most {MAX_ADDED:g} s); a step {step * 1e6:.0f} µs, {told}\n"
        )


if __name__ == "__main__":
    main()
