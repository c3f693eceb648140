"""Experiments that exercise what training must leave alone, or put back."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from zgtui.config.settings import Settings
from zgtui.experiments.experiment import Data, Experiment
from zgtui.training.comparison import Comparison
from zgtui.training.run import fill_in


class Spare(nn.Module):
    """A network with a layer that no output depends on: its parameters get no gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.used = nn.Linear(3, 2)
        self.spare = nn.Linear(3, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.used(inputs).tanh()
        return outputs


def restless() -> nn.Module:
    """Dropout draws and BatchNorm counts at every forward in training."""
    return nn.Sequential(
        nn.Linear(3, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Dropout(0.3), nn.Linear(16, 2)
    )


def small(
    model: Callable[[], nn.Module] = restless,
    *,
    batch_size: int | None = 8,
    optimizer: str = "SGD",
    lr: float = 0.05,
    double: bool = False,
) -> Experiment:
    """24 random samples of 3 numbers, to be mapped to 2."""
    dtype = torch.float64 if double else torch.float32

    def data() -> Data:
        return Data(torch.randn(24, 3, dtype=dtype), torch.randn(24, 2, dtype=dtype))

    return Experiment(
        model=lambda: model().to(dtype),
        data=data,
        criterion=nn.MSELoss(),
        lr=lr,
        steps=40,
        batch_size=batch_size,
        optimizer=optimizer,
    )


def linear() -> nn.Module:
    """Under MSE and on full batches the loss is quadratic in these 8 weights."""
    return nn.Linear(3, 2)


def begin(experiment: Experiment, settings: Settings | None = None) -> Comparison:
    """A comparison at step 0."""
    return Comparison(experiment, fill_in(settings or Settings(), experiment, "cpu"))


def everything(comparison: Comparison) -> list[Tensor | None]:
    """All that the next steps depend on, as tensors in a fixed order."""
    state = comparison.state()
    found: list[Tensor | None] = [*state.rng, state.batches.generator, *state.batches.order]
    for run in state.runs:
        found += [*run.weights, *run.buffers, *run.gradients]
        for remembered in run.optimizer:
            found += [torch.as_tensor(value) for value in remembered.values() if value is not None]
        found.append(torch.tensor([run.lr, run.micro_batches, run.clearing.period]))
        found.append(torch.tensor([group["lr"] for group in run.groups]))
    return found


def _bytes(tensor: Tensor) -> bytes:
    return tensor.cpu().numpy().tobytes()


def identical(first: list[Tensor | None], second: list[Tensor | None]) -> bool:
    """Bit for bit, nan included."""
    return len(first) == len(second) and all(
        one is other
        if one is None or other is None
        else one.dtype == other.dtype and _bytes(one) == _bytes(other)
        for one, other in zip(first, second, strict=True)
    )
