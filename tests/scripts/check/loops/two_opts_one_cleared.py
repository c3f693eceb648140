# expect: ZG101 at line 10
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
o1 = torch.optim.SGD(net[0].parameters(), .1); o2 = torch.optim.Adam(net[2].parameters()); del opt
for it in range(24):
    o1.zero_grad(); loss().backward(); o1.step(); o2.step()
