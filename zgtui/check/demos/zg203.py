"""ZG203: the same parameters always lose their gradients.

With the argument "right" the right loop is trained.
"""

import sys

import torch
from torch.nn import functional

RIGHT = "right" in sys.argv

torch.manual_seed(0)
inputs = torch.randn(32, 3)
targets = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
body, head, auxiliary = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1), torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(torch.nn.ModuleList([body, head, auxiliary]).parameters(), lr=0.05)
for _ in range(100):
    if RIGHT:
        optimizer.zero_grad()
    code = body(inputs)
    functional.mse_loss(auxiliary(code.detach()), targets).backward()
    if not RIGHT:
        optimizer.zero_grad()
    functional.mse_loss(head(code), targets).backward()
    optimizer.step()
