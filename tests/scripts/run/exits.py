"""Ends by sys.exit with a code of its own; skips what is not finite."""

import sys

import torch
from torch import nn

torch.manual_seed(25)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 2), torch.randn(12, 1)
for i in range(6):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean() * (float("nan") if i == 2 else 1.0)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if not torch.isfinite(norm):
        optimizer.zero_grad()
    optimizer.step()
    print(f"loss={loss.item()!r}")
sys.exit(3)
