"""Comparisons for tests: made small, trained by hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from zgtui.config.settings import RunName, Settings
from zgtui.experiments import load
from zgtui.experiments.experiment import Data, Experiment
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in


class Recording(nn.Module):
    """A small network that remembers the batches it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
        self.seen: list[list[float]] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen.append(inputs.flatten().tolist())
        outputs: Tensor = self.layers(inputs)
        return outputs


def minibatches(samples: int = 12, batch_size: int = 4) -> Experiment:
    """Learns a parabola from ``samples`` points, whose inputs are 0, 1, 2, …"""

    def data() -> Data:
        inputs = torch.arange(float(samples)).unsqueeze(1)
        return Data(inputs, (inputs / samples) ** 2)

    return Experiment(
        model=Recording,
        data=data,
        criterion=nn.MSELoss(),
        lr=0.01,
        steps=30,
        batch_size=batch_size,
    )


def compare(
    experiment: Experiment | str = "article", device: str = "cpu", **changes: Any
) -> Comparison:
    """A comparison at step 0, by default with every default, nothing measured but the losses."""
    name = experiment if isinstance(experiment, str) else "article"
    chosen = load(experiment) if isinstance(experiment, str) else experiment
    settings = Settings(experiment=name, diagnostics="off", **changes)
    return Comparison(chosen, fill_in(settings, chosen, device))


def train(comparison: Comparison, steps: int) -> dict[RunName, list[float]]:
    """The losses of the next ``steps`` steps."""
    for _ in range(steps):
        comparison.advance()
    return comparison.drain().losses


def seen(comparison: Comparison, run: RunName) -> list[list[float]]:
    model = comparison.runs[run].model
    assert isinstance(model, Recording)
    return model.seen


def same(first: list[Tensor], second: list[Tensor]) -> bool:
    """Bit for bit."""
    return len(first) == len(second) > 0 and all(map(torch.equal, first, second))
