# expect: ZG101 at line 13
import copy
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(); server = torch.optim.Adam(net.parameters(), .01)
for rnd in range(5):
    deltas = [torch.zeros_like(p) for p in net.parameters()]
    for c in range(3):
        loc = copy.deepcopy(net); o = torch.optim.SGD(loc.parameters(), .1)
        for k in range(4): 0; loc(torch.randn(8,4)).pow(2).mean().backward(); o.step()
        for d, p, q in zip(deltas, net.parameters(), loc.parameters()): d += (p - q).detach()/3
    server.zero_grad()
    for p, d in zip(net.parameters(), deltas): p.grad = d
    server.step()
