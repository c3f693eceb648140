# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
del opt
w = torch.randn(4,1,requires_grad=True)
for it in range(24):
    l = ((torch.randn(8,4) @ w).pow(2)).mean(); l.backward()
    with torch.no_grad(): w = w - .01*w.grad
    w.requires_grad_()
