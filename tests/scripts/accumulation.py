# expect: pass
"""Gradient accumulation over four micro-batches."""

import torch
from torch import nn

torch.manual_seed(6)
ACCUMULATE = 4
data, target = torch.randn(96, 3), torch.randn(96, 1)
model = nn.Sequential(nn.Linear(3, 8), nn.GELU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
total = 0.0
optimizer.zero_grad()
for i, (x, y) in enumerate(zip(data.split(4), target.split(4))):
    loss = nn.functional.mse_loss(model(x), y) / ACCUMULATE
    loss.backward()
    total += loss.item()
    if (i + 1) % ACCUMULATE == 0:
        optimizer.step()
        optimizer.zero_grad()
        print(f"loss={total!r}")
        total = 0.0
