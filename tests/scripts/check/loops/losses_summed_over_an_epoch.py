# expect: ZG103 at line 13
"""The sum begins anew with each epoch, but each batch of the epoch is trained on all of it."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.01)
for epoch in range(3):
    losses = []
    for batch in range(5):
        losses.append(net(torch.randn(8, 4)).pow(2).mean())
        opt.zero_grad(); torch.stack(losses).mean().backward(retain_graph=True)
        opt.step()
