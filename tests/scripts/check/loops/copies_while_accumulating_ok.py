# expect: pass
"""Copies of a growing gradient are kept to watch their spread; the difference of two is applied."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Linear(6, 2)
opt = torch.optim.SGD(net.parameters(), 0.05)
for _ in range(10):
    opt.zero_grad()
    seen = []
    for _ in range(3):
        x, y = torch.randn(4, 6), torch.randint(0, 2, (4,))
        (F.cross_entropy(net(x), y) / 3).backward()
        seen.append([p.grad.clone() for p in net.parameters()])
    spread = sum(torch.stack(several).var(0).mean() for several in zip(*seen))
    last = [now - before for now, before in zip(seen[2], seen[1])]
    for p, one in zip(net.parameters(), last):
        p.grad = p.grad + 0.1 * one / (1 + spread)
    opt.step()
