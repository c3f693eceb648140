# expect: ZG301 at line 12
"""A trace of the curvature goes back now and then, instead of asking for gradients alone."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)); opt = torch.optim.SGD(net.parameters(), .05); P = list(net.parameters())
def trace(x):
    g = torch.autograd.grad(net(x).pow(2).mean(), P, create_graph=True); v = [torch.randint_like(p, 2) * 2 - 1 for p in P]
    s = sum((a * b).sum() for a, b in zip(g, v))
    s.backward(); hv = [p.grad for p in P]
    return sum((a * b).sum() for a, b in zip(hv, v)).item()
opt.zero_grad()
for i in range(24):
    net(torch.randn(8, 4)).pow(2).mean().backward(); opt.step(); opt.zero_grad()
    if i % 3 == 0: trace(torch.randn(8, 4))
