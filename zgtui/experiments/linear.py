"""Linear layers: the article's, on one sample, and a regression on targets that are noise."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from zgtui.experiments.experiment import Data, Experiment


def _article_model() -> nn.Module:
    return nn.Linear(2, 1)


def _article_data() -> Data:
    return Data(inputs=torch.tensor([[1.0, 2.0]]), targets=torch.tensor([[1.0]]))


def article() -> Experiment:
    """Both runs from the same weights: a fair comparison."""
    return Experiment(
        model=_article_model, data=_article_data, criterion=nn.MSELoss(), lr=0.1, steps=20, speed=10
    )


def article_exact() -> Experiment:
    """The two models built one after the other, as the article does: they start differently."""
    return replace(article(), separate_starts=True)


def _regression_model() -> nn.Module:
    return nn.Linear(3, 1)


def _regression_data() -> Data:
    return Data(inputs=torch.randn(10, 3), targets=torch.randn(10, 1))


def regression() -> Experiment:
    """At a rate at which the run that clears is done within the planned steps."""
    return Experiment(
        model=_regression_model,
        data=_regression_data,
        criterion=nn.MSELoss(),
        lr=0.1,
        steps=100,
        speed=10,
    )


def regression_trap() -> Experiment:
    """At a rate so small that the run that never clears is ahead in the first steps."""
    return replace(regression(), lr=0.01, steps=300, speed=20)
