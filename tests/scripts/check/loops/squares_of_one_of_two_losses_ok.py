# expect: pass
"""The squares of one loss's gradient are summed by the way; both losses are meant."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(6, 3)
opt = torch.optim.SGD(net.parameters(), 0.05)
stat = [torch.zeros_like(p) for p in net.parameters()]
for _ in range(15):
    x, y = torch.rand(8, 6), torch.randint(0, 3, (8,))
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    for s, p in zip(stat, net.parameters()): s.mul_(0.9).add_(p.grad ** 2, alpha=0.1)
    (0.1 * net(x).pow(2).mean()).backward()
    opt.step()
