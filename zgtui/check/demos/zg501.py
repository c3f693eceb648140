"""ZG501: micro-batches are summed, not averaged.

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
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
for _ in range(100):
    for micro in torch.arange(32).split(8):
        loss = functional.mse_loss(model(inputs[micro]), targets[micro])
        if RIGHT:
            loss = loss / 4
        loss.backward()
    optimizer.step()
    optimizer.zero_grad()
