"""Classes in the plane: two interleaved half-moons, and three spirals."""

from __future__ import annotations

import math

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment, accuracy, hold_out

MOON_SAMPLES = 500
"""Samples a moon."""
MOON_NOISE = 0.12
"""Standard deviation of a sample about its moon, whose radius is 1."""


def _moon_model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2)
    )


def _moon_data() -> Data:
    angle = torch.linspace(0, math.pi, MOON_SAMPLES)
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    inputs = torch.cat([upper, lower])
    inputs += MOON_NOISE * torch.randn_like(inputs)
    return hold_out(inputs, torch.arange(2).repeat_interleave(MOON_SAMPLES))


def moons() -> Experiment:
    """Plain minibatch SGD."""
    return Experiment(
        model=_moon_model,
        data=_moon_data,
        criterion=nn.CrossEntropyLoss(),
        lr=0.3,
        steps=600,
        speed=100,
        batch_size=32,
        accuracy=accuracy,
    )


ARMS = 3
ARM_SAMPLES = 300
"""Samples a class."""
ARM_START = 0.2
"""Where an arm begins, its end being at 1 from the centre."""
ARM_TURN = 4.0
"""How far an arm winds from the centre to its end, in radians."""
ARM_NOISE = 0.2
"""Standard deviation of a sample's angle about its arm, in radians."""


def _spiral_model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, ARMS)
    )


def _spiral_data() -> Data:
    classes = torch.arange(ARMS).repeat_interleave(ARM_SAMPLES)
    radius = torch.linspace(ARM_START, 1, ARM_SAMPLES).repeat(ARMS)
    angle = ARM_TURN * radius + 2 * math.pi / ARMS * classes + ARM_NOISE * torch.randn(len(classes))
    inputs = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
    return hold_out(inputs, classes)


def spirals() -> Experiment:
    """Plain minibatch SGD."""
    return Experiment(
        model=_spiral_model,
        data=_spiral_data,
        criterion=nn.CrossEntropyLoss(),
        lr=0.1,
        steps=1000,
        speed=200,
        batch_size=32,
        accuracy=accuracy,
    )
