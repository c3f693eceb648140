# expect: pass with ZG107 at line 9
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    loss().backward(); opt.step()
    for p in P: p.grad.mul_(.9)
