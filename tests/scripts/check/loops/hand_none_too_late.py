# expect: ZG201 at line 9
"""Gradients set to None before the update by hand, which then finds none."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
for _ in range(12):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    for p in net.parameters(): p.grad = None
    with torch.no_grad():
        for p in net.parameters():
            if p.grad is not None: p -= 0.1 * p.grad
