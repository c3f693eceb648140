"""ZG107: old gradients fade instead of being cleared.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(32, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(100):
    functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
    if RIGHT:
        optimizer.zero_grad()
    else:
        for parameter in model.parameters():
            assert parameter.grad is not None
            parameter.grad.mul_(0.95)
