# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    opt.zero_grad(); loss().backward(); ref = [p.grad.clone() for p in P]
    opt.zero_grad(); loss().backward()
    d = sum((a*p.grad).sum() for a,p in zip(ref,P))
    if d < 0:
        n = sum((a*a).sum() for a in ref)
        for a,p in zip(ref,P): p.grad -= d/n*a
    opt.step()
