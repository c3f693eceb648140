"""The smallest loop that shows the fault: one linear layer, one sample, one target."""

from __future__ import annotations

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment


def _model() -> nn.Module:
    return nn.Linear(2, 1)


def _data() -> Data:
    return Data(inputs=torch.tensor([[1.0, 2.0]]), targets=torch.tensor([[1.0]]))


def article() -> Experiment:
    """Both runs from the same weights: a fair comparison."""
    return Experiment(model=_model, data=_data, criterion=nn.MSELoss(), lr=0.1, steps=20, speed=10)


def article_exact() -> Experiment:
    """The two models built one after the other, as the article does: they start differently."""
    return Experiment(
        model=_model,
        data=_data,
        criterion=nn.MSELoss(),
        lr=0.1,
        steps=20,
        speed=10,
        separate_starts=True,
    )
