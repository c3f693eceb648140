# expect: pass
"""Every second backward is for the Fisher information alone."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

F = [torch.zeros_like(p) for p in P]
def back(): opt.zero_grad(); loss().backward()
for i in range(15):
    for k in range(2):
        back()
        if k == 0:
            for f, p in zip(F, P): f.add_(p.grad ** 2)
    opt.step()
