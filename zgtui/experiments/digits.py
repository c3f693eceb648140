"""Handwritten digits of 8×8 pixels, as scikit-learn ships them, and a plain network."""

from __future__ import annotations

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment, accuracy, hold_out

CLASSES = 10
WHITE = 16
"""The largest value of a pixel."""


def images() -> Data:
    """All 1,797 images, a share of them held out: (samples, 1, 8, 8), pixels from 0 to 1."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - only where it is trained

    bunch = load_digits()
    inputs = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / WHITE
    return hold_out(inputs, torch.tensor(bunch.target))


def _plain_model() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def digits() -> Experiment:
    """Plain minibatch SGD."""
    return Experiment(
        model=_plain_model,
        data=images,
        criterion=nn.CrossEntropyLoss(),
        lr=0.3,
        steps=400,
        speed=100,
        batch_size=64,
        accuracy=accuracy,
    )


def _cnn_model() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, kernel_size=3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, CLASSES),
    )


def digits_cnn() -> Experiment:
    """Adam on minibatches."""
    return Experiment(
        model=_cnn_model,
        data=images,
        criterion=nn.CrossEntropyLoss(),
        lr=0.003,
        steps=250,
        speed=50,
        batch_size=64,
        optimizer="Adam",
        accuracy=accuracy,
    )
