"""Trains by hand, beside an optimizer of other parameters."""

import torch
from torch import nn

torch.manual_seed(3)
model = nn.Linear(3, 1)
other = nn.Linear(3, 1)
optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(8):
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
            parameter.grad = None
    optimizer.step()
