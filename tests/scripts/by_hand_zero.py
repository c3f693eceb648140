# expect: pass
"""Clearing by hand: fill each gradient with zeros, in the ways people do."""

import torch
from torch import nn

torch.manual_seed(17)
model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
x, y = torch.randn(20, 3), torch.randn(20, 1)
for i in range(7):
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    model[0].weight.grad[0].zero_()  # not a clearing: one row is masked
    optimizer.step()
    for k, p in enumerate(model.parameters()):
        if k == 0:
            p.grad.zero_()
        elif k == 1:
            p.grad.data.zero_()
        elif k == 2:
            p.grad.detach().fill_(0)
        else:
            p.grad = torch.zeros_like(p)
    print(f"loss={loss.item()!r}")
