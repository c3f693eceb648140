# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
a, b = mk(2,1), mk(2,1); ob, o1, o2 = (torch.optim.SGD(m.parameters(), .05) for m in (net, a, b)); del opt
for it in range(24):
    h = net(torch.randn(8,4))
    ob.zero_grad(); o1.zero_grad(); o2.zero_grad()
    a(h).pow(2).mean().backward(retain_graph=True); b(h).abs().mean().backward()
    ob.step(); o1.step(); o2.step()
