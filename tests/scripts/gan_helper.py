# expect: ZG101 at line 10
"""Two optimizers that never clear and share one helper for their backward and step."""

import torch
from torch import nn


def update(loss, optimizer):
    loss.backward()
    optimizer.step()


torch.manual_seed(14)
net_g, net_d = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))
opt_d = torch.optim.SGD(net_d.parameters(), lr=0.1)
opt_g = torch.optim.SGD(net_g.parameters(), lr=0.1)
for _ in range(5):
    noise, real = torch.randn(12, 2), torch.randn(12, 2) + 1
    # right: opt_d.zero_grad()
    loss_d = net_d(net_g(noise).detach()).mean() - net_d(real).mean()
    update(loss_d, opt_d)
    # right: opt_g.zero_grad()
    loss_g = -net_d(net_g(noise)).mean()
    update(loss_g, opt_g)
    print(f"loss_d={loss_d.item()!r} loss_g={loss_g.item()!r}")
