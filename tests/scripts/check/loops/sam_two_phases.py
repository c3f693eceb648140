# expect: pass
"""Sharpness-aware descent by hand, both backwards called from one line."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2); opt = torch.optim.SGD(net.parameters(), .1)
for _ in range(15):
    x, moved = torch.randn(8, 4), []
    for second in (False, True):
        net(x).pow(2).mean().backward()
        with torch.no_grad():
            if second:
                for p, e in zip(net.parameters(), moved): p.sub_(e)
                opt.step(); opt.zero_grad()
            else:
                for p in net.parameters(): moved.append(.05 * p.grad / p.grad.norm()); p.add_(moved[-1])
                opt.zero_grad()
