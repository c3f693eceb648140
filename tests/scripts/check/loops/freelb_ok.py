# expect: pass
"""Each of three backwards moves a perturbation by hand; the parameters step along all of them."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.AdamW(net.parameters(), 1e-3)
for _ in range(12):
    x = torch.randn(8, 4)
    opt.zero_grad()
    delta = torch.zeros_like(x).uniform_(-0.1, 0.1).requires_grad_()
    for _ in range(3):
        (net(x + delta).pow(2).mean() / 3).backward()
        delta = (delta + 0.05 * delta.grad / delta.grad.norm()).detach().requires_grad_()
    opt.step()
