"""Ends by os._exit in the middle."""

import os

import torch
from torch import nn

torch.manual_seed(26)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 2), torch.randn(12, 1)
for i in range(6):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}", flush=True)
    if i == 3:
        os._exit(7)
