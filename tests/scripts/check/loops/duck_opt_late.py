# expect: ZG201 at line 12
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()

class Plain:
    def __init__(self, ps): self.ps = ps
    def zero_grad(self):
        for p in self.ps: p.grad.zero_()
    @torch.no_grad()
    def step(self):
        for p in self.ps: p -= .01*p.grad
opt = Plain(P)
for it in range(24):
    loss().backward(); opt.zero_grad(); opt.step()
