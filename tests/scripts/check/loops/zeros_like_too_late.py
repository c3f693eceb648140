# expect: ZG201 at line 9
"""Zeros of the form of the gradient take its place between backward and step."""
import torch, torch.nn as nn
torch.manual_seed(0)
m = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)); o = torch.optim.SGD(m.parameters(), .1)
for i in range(15):
    m(torch.randn(8, 4)).pow(2).mean().backward()
    for p in m.parameters():
        if p.grad is not None: p.grad = torch.zeros_like(p.grad)
    o.step()
