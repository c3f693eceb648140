# expect: ZG201 at line 15
"""Clears between the backward and the step: nothing is ever learned."""

import torch
from torch import nn

torch.manual_seed(21)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
x, y = torch.randn(24, 3), torch.randn(24, 1)
for _ in range(6):
    # right: optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.zero_grad()  # wrong
    optimizer.step()
    print(f"loss={loss.item()!r}")
