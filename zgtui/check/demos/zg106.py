"""ZG106: parameters moved again by a stale gradient.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(32, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
heads = torch.nn.ModuleList(torch.nn.Linear(3, 1) for _ in range(4))
optimizer = torch.optim.SGD(heads.parameters(), lr=0.3)
for step in range(100):
    head = heads[step % 4]
    if RIGHT:
        optimizer.zero_grad()
    else:
        head.zero_grad()
    functional.mse_loss(head(inputs), targets).backward()
    optimizer.step()
