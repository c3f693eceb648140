# expect: pass
"""One minimises, one maximises, in one loop with one loss."""
import torch, copy
from torch import nn
torch.manual_seed(0)
def mk(): return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
net = mk(); P = list(net.parameters())
def loss(n=None): return (n or net)(torch.randn(8, 4)).pow(2).mean()

a, b = nn.Linear(4, 4), nn.Linear(4, 1); oa = torch.optim.SGD(a.parameters(), .01); ob = torch.optim.SGD(b.parameters(), .01, maximize=True)
for i in range(12):
    for o in (oa, ob): o.zero_grad(); b(a(torch.randn(8, 4))).mean().backward(); o.step()
