# expect: pass
"""A foreach optimizer with Nesterov momentum, which writes into the gradients."""

import torch
from torch import nn

torch.manual_seed(9)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.8, nesterov=True, foreach=True)
x, y = torch.randn(20, 3), torch.randn(20, 1)
for _ in range(8):
    loss = (model(x) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
