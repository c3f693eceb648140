# expect: pass
"""A flat gradient by autograd.grad is scaled and subtracted from the parameters piece by piece."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
several = list(net.parameters())
for _ in range(10):
    grads = torch.autograd.grad(net(torch.randn(16, 4)).pow(2).mean(), several)
    flat = torch.cat([grad.reshape(-1) for grad in grads]).detach()
    step, at = flat / (flat.pow(2).mean().sqrt() + 1e-3), 0
    for p in several:
        p.data.sub_(0.01 * step[at : at + p.numel()].view_as(p))
        at += p.numel()
