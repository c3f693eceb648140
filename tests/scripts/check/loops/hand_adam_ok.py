# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
del opt
M = [torch.zeros_like(p) for p in P]; V = [torch.zeros_like(p) for p in P]
for it in range(24):
    net.zero_grad(); loss().backward()
    with torch.no_grad():
        for p, m, v in zip(P, M, V):
            m.mul_(.9).add_(p.grad, alpha=.1); v.mul_(.99).addcmul_(p.grad, p.grad, value=.01); p -= .01*m/(v.sqrt()+1e-8)
