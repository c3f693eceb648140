# expect: ZG401 at line 12
"""A library replaces the norm layers once the optimizer has their old parameters."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net[1] = nn.GroupNorm(2, 8)
for _ in range(12):
    loss = net(torch.randn(8, 4)).pow(2).mean()
    loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step(); opt.zero_grad()
