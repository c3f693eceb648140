# expect: pass
"""Alternating least squares: two factors trained in turn by one line."""
import torch, copy
from torch import nn
torch.manual_seed(0)
def mk(): return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
net = mk(); P = list(net.parameters())
def loss(n=None): return (n or net)(torch.randn(8, 4)).pow(2).mean()

u, v = nn.Parameter(torch.randn(5, 2)), nn.Parameter(torch.randn(2, 5)); t = torch.randn(5, 5)
for i in range(12):
    for o in (oU := torch.optim.SGD([u], .01),) if i == 0 else (): pass
    pass
oU, oV = torch.optim.SGD([u], .01), torch.optim.SGD([v], .01)
for i in range(12):
    for o in (oU, oV): o.zero_grad(); (u @ v - t).pow(2).mean().backward(); o.step()
