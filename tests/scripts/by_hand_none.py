# expect: pass
"""Clearing by hand: p.grad = None."""

import torch
from torch import nn

torch.manual_seed(16)
model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(20, 3), torch.randn(20, 1)
for _ in range(6):
    for p in model.parameters():
        p.grad = None
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
