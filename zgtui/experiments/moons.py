"""Two interleaved half-moons in the plane."""

from __future__ import annotations

import math

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment, hold_out, share_right

SAMPLES = 500
"""Samples a moon."""
NOISE = 0.12
"""Standard deviation of a sample about its moon, whose radius is 1."""


def _model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)
    )


def _data() -> Data:
    angle = torch.linspace(0, math.pi, SAMPLES)
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    inputs = torch.cat([upper, lower])
    inputs += NOISE * torch.randn_like(inputs)
    return hold_out(inputs, torch.arange(2).repeat_interleave(SAMPLES))


def moons() -> Experiment:
    """Plain minibatch SGD."""
    return Experiment(
        model=_model,
        data=_data,
        criterion=nn.CrossEntropyLoss(),
        lr=0.3,
        steps=600,
        speed=100,
        batch_size=32,
        accuracy=share_right,
    )
