# expect: ZG201 at line 9
"""Zeroed through .data between backward and step."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2); opt = torch.optim.Adam(net.parameters(), .1)
for _ in range(15):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    for p in net.parameters(): p.grad.data.zero_()
    opt.step()
