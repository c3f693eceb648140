"""Sets no seed and uses three sources of randomness."""

import random

import numpy as np
import torch
from torch import nn

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.from_numpy(np.random.randn(12, 2)).float()
y = torch.tensor([[random.random()] for _ in range(12)])
for _ in range(400 if __name__ == "__main__" else 0):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
