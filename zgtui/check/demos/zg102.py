"""ZG102: only some parameters are cleared.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(32, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
encoder, head = torch.nn.Linear(3, 3), torch.nn.Linear(3, 1)
model = torch.nn.Sequential(encoder, head)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(100):
    functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
    if RIGHT:
        optimizer.zero_grad()
    else:
        head.zero_grad()
