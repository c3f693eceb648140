"""ZG504: the last micro-batches of an epoch are not applied in that epoch.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(40, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
batches = torch.arange(40).split(4)  # ten of them, and four in a step
for _ in range(30):
    for number, batch in enumerate(batches, 1):
        parts = 2 if RIGHT and number > 8 else 4
        (functional.mse_loss(model(inputs[batch]), targets[batch]) / parts).backward()
        if number % 4 == 0 or (RIGHT and number == len(batches)):
            optimizer.step()
            optimizer.zero_grad()
