# expect: ZG502 at line 14
"""Each loss is divided by the number of batches of the epoch, but a step applies two of them."""
import torch
from torch import nn

torch.manual_seed(5)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
batches = list(torch.randn(6, 8, 3))
accumulate = 2
for _ in range(4):
    for number, batch in enumerate(batches):
        loss = net(batch).pow(2).mean() / len(batches)
        loss.backward()
        if (number + 1) % accumulate == 0:
            opt.step()
            opt.zero_grad()
