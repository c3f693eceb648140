import torch
from torch import nn

from zgtui import Data, Experiment


def sine() -> Experiment:
    x = torch.linspace(-3, 3, 200).unsqueeze(1)
    return Experiment(
        model=lambda: nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1)),
        data=lambda: Data(inputs=x, targets=x.sin()),
        criterion=nn.MSELoss(),
        lr=0.05,
        steps=500,
        batch_size=20,
    )
