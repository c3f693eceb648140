# expect: pass
"""Trains on clean and on attacked inputs at once, micro-batch by micro-batch: both are meant."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(12):
    opt.zero_grad()
    for _ in range(3):
        x, y = torch.rand(8, 6, requires_grad=True), torch.randint(0, 3, (8,))
        (F.cross_entropy(net(x), y) / 6).backward()
        moved = (x + 0.1 * x.grad.sign()).detach()
        (F.cross_entropy(net(moved), y) / 6).backward()
    opt.step()
