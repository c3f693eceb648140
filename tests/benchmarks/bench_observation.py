"""What observing a script costs: its time per step, observed ÷ bare.

    python -m tests.benchmarks.bench_observation [--rounds N]

Both are timed in turn, each in a fork of one process that has imported torch, and the median of
the rounds is told. A small MLP shows the cost itself, a larger one what it comes to in a step of
about a millisecond and more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

import torch
from torch import nn

from zgtui.config.settings import POLICIES, Policy
from zgtui.instrument.protocol import RunSpec
from zgtui.instrument.session import begin


@dataclass(frozen=True)
class Model:
    """An MLP: its widths, its batch size, and the steps timed."""

    widths: tuple[int, ...]
    batch: int
    steps: int


MODELS = {
    "small MLP": Model((2, 16, 1), 16, 2000),
    "larger MLP": Model((64, 256, 256, 256, 10), 64, 400),
    "deep MLP": Model((32, *[48] * 24, 10), 32, 200),
}


def seconds_per_step(model: Model) -> float:
    """Train as a script does; CPU time, so that other work on the machine counts less."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, outputs in zip(model.widths, model.widths[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    x, y = torch.randn(model.batch, model.widths[0]), torch.randn(model.batch, model.widths[-1])
    started = 0.0
    for step in range(model.steps + 20):
        if step == 20:
            started = time.process_time()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
    return (time.process_time() - started) / model.steps


def forked(model: Model, spec: RunSpec | None) -> float:
    """Seconds a step of ``model`` takes in a fork, observed where there is a spec."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if spec is not None:
            begin(spec)
        os.write(writing, repr(seconds_per_step(model)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as result:
        seconds = float(result.read())
    os.waitpid(child, 0)
    return seconds


def main() -> None:
    """Time all models under all policies and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1)], lr=0.1)  # what a first optimizer imports
    for name, model in MODELS.items():
        times: dict[Policy | None, list[float]] = {None: [], **{p: [] for p in POLICIES}}
        for _ in range(rounds):
            times[None].append(forked(model, None))
            for policy in POLICIES:
                with tempfile.TemporaryDirectory() as folder:
                    spec = RunSpec(name="A", policy=policy, log=folder, folder=folder)
                    times[policy].append(forked(model, spec))
        bare = statistics.median(times[None])
        told = []
        for policy in POLICIES:
            ratios = (seen / alone for seen, alone in zip(times[policy], times[None], strict=True))
            told.append(f"{policy} {statistics.median(ratios):.3f}")
        sys.stdout.write(
            f"{name:<11} bare {bare * 1e6:7.1f} µs a step; observed ÷ bare: {'  '.join(told)}\n"
        )


if __name__ == "__main__":
    main()
