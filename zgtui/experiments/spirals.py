"""Three spirals in the plane, one class each."""

from __future__ import annotations

import math

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment, hold_out, share_right

CLASSES = 3
SAMPLES = 300
"""Samples a class."""
START = 0.2
"""Where an arm begins, its end being at 1 from the centre."""
TURN = 4.0
"""How far an arm winds from the centre to its end, in radians."""
NOISE = 0.2
"""Standard deviation of a sample's angle about its arm, in radians."""


def _model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES)
    )


def _data() -> Data:
    classes = torch.arange(CLASSES).repeat_interleave(SAMPLES)
    radius = torch.linspace(START, 1, SAMPLES).repeat(CLASSES)
    angle = TURN * radius + 2 * math.pi / CLASSES * classes + NOISE * torch.randn(len(classes))
    inputs = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
    return hold_out(inputs, classes)


def spirals() -> Experiment:
    """Plain minibatch SGD."""
    return Experiment(
        model=_model,
        data=_data,
        criterion=nn.CrossEntropyLoss(),
        lr=0.1,
        steps=1000,
        speed=200,
        batch_size=32,
        accuracy=share_right,
    )
