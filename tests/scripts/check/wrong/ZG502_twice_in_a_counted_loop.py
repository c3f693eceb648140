# expect: ZG502 at line 13
"""The loss is divided by the number of micro-batches where it is made, and once more."""
import torch
from torch import nn

torch.manual_seed(5)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
parts = 4
for _ in range(5):
    for _ in range(parts):
        loss = net(torch.randn(8, 3)).pow(2).mean() / parts
        (loss / parts).backward()
    opt.step()
    opt.zero_grad()
