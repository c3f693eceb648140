# expect: ZG103 at line 16
"""Each fold has a model of its own; the last of them is cut off in its first epoch."""
import torch
from torch import nn
import torch.nn.functional as F


def trained(x, y, epochs):
    net = nn.Linear(4, 2)
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(epochs):
        opt.zero_grad()
        for part in torch.arange(len(x)).chunk(4):
            loss = F.cross_entropy(net(x[part]), y[part])
            loss.backward()
            opt.step()


torch.manual_seed(0)
x, y = torch.randn(32, 4), torch.randint(2, (32,))
for epochs in (3, 3, 1):
    trained(x, y, epochs)
