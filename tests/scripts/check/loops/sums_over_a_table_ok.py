# expect: pass
"""Stochastic average gradient: the newest gradient of each batch stands in a table."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(6, 3)
opt = torch.optim.SGD(net.parameters(), 0.01)
data = [(torch.rand(8, 6), torch.randint(0, 3, (8,))) for _ in range(4)]
table = [[torch.zeros_like(p) for p in net.parameters()] for _ in data]
total = [torch.zeros_like(p) for p in net.parameters()]
for it in range(20):
    i = it % 4
    opt.zero_grad()
    F.cross_entropy(net(data[i][0]), data[i][1]).backward()
    for t, s, p in zip(table[i], total, net.parameters()):
        s += p.grad - t
        t.copy_(p.grad)
        p.grad = s / 4
    opt.step()
