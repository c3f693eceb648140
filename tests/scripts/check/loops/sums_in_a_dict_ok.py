# expect: pass
"""The script's own sums of gradients take the place of these, and are emptied."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), 0.05)
acc = {n: torch.zeros_like(p) for n, p in net.named_parameters()}
for _ in range(10):
    for _ in range(3):
        x, y = torch.rand(8, 6), torch.randint(0, 3, (8,))
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        for n, p in net.named_parameters(): acc[n] += p.grad / 3
    for n, p in net.named_parameters(): p.grad = acc[n].clone()
    opt.step()
    for a in acc.values(): a.zero_()
