# expect: ZG201 at line 11
"""Multiplied by zero between backward and step."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for _ in range(12):
    loss().backward()
    for p in P: p.grad.mul_(0)
    opt.step()
