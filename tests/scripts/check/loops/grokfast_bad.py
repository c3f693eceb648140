# expect: ZG101 at line 14
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
E = [None]*4
for it in range(24):
    loss().backward()
    for i, p in enumerate(P):
        E[i] = p.grad.detach().clone() if E[i] is None else E[i]*.98 + p.grad.detach()*.02
        p.grad.data = p.grad.data + E[i]*2.
    opt.step()
