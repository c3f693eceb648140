# expect: ZG103 at line 14
"""Batches are skipped by their loss, and their clearing too; one step more is not cleared, by another slip."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(30):
    loss = net(torch.randn(8, 3) * (10 if i % 5 == 3 else 1)).pow(2).mean()
    loss.backward()
    if loss.item() > 5.0:
        continue
    opt.step()
    if i != 6:
        opt.zero_grad()
