# expect: pass
"""Gradients set to None after the update by hand."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
for _ in range(12):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    with torch.no_grad():
        for p in net.parameters():
            if p.grad is not None: p -= 0.1 * p.grad
    for p in net.parameters(): p.grad = None
