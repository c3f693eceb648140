"""ZG401: an optimizer without gradients.

With the argument "right" the right loop is trained.
"""

import copy
import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(32, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
model = torch.nn.Linear(3, 1)
trained = model if RIGHT else copy.deepcopy(model)
optimizer = torch.optim.SGD(trained.parameters(), lr=0.1)
for _ in range(100):
    optimizer.zero_grad()
    functional.mse_loss(model(inputs), targets).backward()
    optimizer.step()
