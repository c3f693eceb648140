# expect: ZG202 at line 10
"""Cleared with each micro batch; the mean is taken by hand before the step."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for i in range(40):
    opt.zero_grad(); loss().backward()
    if i % 4 == 3:
        for p in P: p.grad /= 4
        opt.step()
