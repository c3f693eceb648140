# expect: pass
"""The first micro-batch's gradient is copied to be compared with the whole: none is cleared."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.05)
for _ in range(12):
    opt.zero_grad()
    small = None
    for _ in range(4):
        (net(torch.randn(4, 4)).pow(2).mean() / 4).backward()
        small = [p.grad.clone() for p in net.parameters()] if small is None else small
    noise = sum((s * 4).pow(2).sum() - p.grad.pow(2).sum() for s, p in zip(small, net.parameters()))
    opt.step()
