"""Linear regression on targets that are noise: a loss with a floor above 0."""

from __future__ import annotations

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment


def _model() -> nn.Module:
    return nn.Linear(3, 1)


def _data() -> Data:
    return Data(inputs=torch.randn(10, 3), targets=torch.randn(10, 1))


def regression() -> Experiment:
    """At a rate at which the run that clears is done within the planned steps."""
    return Experiment(model=_model, data=_data, criterion=nn.MSELoss(), lr=0.1, steps=100, speed=10)


def regression_trap() -> Experiment:
    """At a rate so small that the run that never clears is ahead in the first steps."""
    return Experiment(
        model=_model, data=_data, criterion=nn.MSELoss(), lr=0.01, steps=300, speed=20
    )
