"""Forks, and trains in both processes."""

import os

import torch
from torch import nn

child = os.fork()
torch.manual_seed(30)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 2), torch.randn(12, 1)
for _ in range(6):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    if child:
        print(f"loss={loss.item()!r}", flush=True)
if child:
    os.waitpid(child, 0)
