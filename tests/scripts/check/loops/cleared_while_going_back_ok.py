# expect: pass
"""A hook of a layer clears while the backward goes on: what comes after it stays."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.01)
net[1].register_full_backward_hook(lambda layer, inward, outward: net[0].zero_grad())
for _ in range(10):
    opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
