# expect: ZG502 at line 13
"""The loss is divided by the square of the number of micro-batches."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net, accum = nn.Linear(4, 2), 4
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(32):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(2, (8,)))
    loss = loss / (accum * accum)
    loss.backward()
    if (i + 1) % accum == 0:
        opt.step()
        opt.zero_grad()
