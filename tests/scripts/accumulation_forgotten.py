# expect: ZG101 at line 17
"""Gradient accumulation that never clears."""

import torch
from torch import nn

torch.manual_seed(6)
data, target = torch.randn(60, 3), torch.randn(60, 1)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
total = 0.0
for i, (x, y) in enumerate(zip(data.split(4), target.split(4))):
    loss = nn.functional.mse_loss(model(x), y) / 3
    loss.backward()
    total += loss.item()
    if (i + 1) % 3 == 0:
        optimizer.step()
        # right: optimizer.zero_grad()
        print(f"loss={total!r}")
        total = 0.0
