# expect: ZG201 at line 11
"""Clipping by value is left without a gradient, and the script fails before its first step."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(5):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.zero_grad()
    largest = max(p.grad.abs().max() for p in net.parameters())
    nn.utils.clip_grad_value_(net.parameters(), float(largest) / 2)
    opt.step()
