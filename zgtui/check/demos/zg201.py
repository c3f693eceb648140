"""ZG201: cleared between backward() and step().

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
    if RIGHT:
        optimizer.zero_grad()
    functional.mse_loss(model(inputs), targets).backward()
    if not RIGHT:
        optimizer.zero_grad()
    optimizer.step()
