# expect: ZG202 at line 11
"""Accumulation that is zeroed through .data with each micro batch, then clipped."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for i in range(40):
    for p in P:
        if p.grad is not None: p.grad.data.zero_()
    loss().backward()
    if i % 4 == 3: nn.utils.clip_grad_norm_(P, 1.); opt.step()
