# expect: pass with ZG001 at line 16
"""A generator clears between the batches that it hands out."""
import torch

net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def batches():
    for x in torch.randn(20, 8, 3):
        yield x
        optimizer.zero_grad()


for x in batches():
    net(x).pow(2).mean().backward(); optimizer.step()
