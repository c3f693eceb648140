"""The handwritten digits again, seen by a convolutional network with BatchNorm."""

from __future__ import annotations

from torch import nn

from zgtui.experiments.digits import CLASSES, images
from zgtui.experiments.experiment import Experiment, share_right


def _model() -> nn.Module:
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
        model=_model,
        data=images,
        criterion=nn.CrossEntropyLoss(),
        lr=0.003,
        steps=250,
        speed=50,
        batch_size=64,
        optimizer="Adam",
        accuracy=share_right,
    )
