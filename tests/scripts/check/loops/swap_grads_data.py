# expect: pass
"""Gradients are summed in buffers and written back through .data."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

buf = [torch.zeros_like(p) for p in P]
for i in range(40):
    opt.zero_grad(); loss().backward()
    for b, p in zip(buf, P): b.add_(p.grad)
    if i % 4 == 3:
        for b, p in zip(buf, P): p.grad.data.copy_(b / 4); b.zero_()
        opt.step()
