# expect: ZG103 at line 17
"""Clears once per epoch and steps with every batch."""

import torch
from torch import nn

torch.manual_seed(20)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
data, target = torch.randn(24, 3), torch.randn(24, 1)
for epoch in range(2):
    optimizer.zero_grad()  # wrong
    for x, y in zip(data.split(6), target.split(6)):
        # right: optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        print(f"loss={loss.item()!r}")
