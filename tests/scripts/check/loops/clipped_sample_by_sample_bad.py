# expect: ZG103 at line 17
"""Gradients are clipped sample by sample and summed, but each holds those before it as well."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), 0.05)
for _ in range(12):
    total = [torch.zeros_like(p) for p in net.parameters()]
    opt.zero_grad()
    for x in torch.randn(4, 1, 4):
        net(x).pow(2).mean().backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        total = [one + p.grad for one, p in zip(total, net.parameters())]
    for one, p in zip(total, net.parameters()):
        p.grad = one / 4
    opt.step()
