# expect: ZG201 at line 10
"""Filled with zeros between backward and step, then clipped."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for _ in range(12):
    loss().backward(); opt.zero_grad(set_to_none=False)
    nn.utils.clip_grad_norm_(P, 1.); opt.step()
