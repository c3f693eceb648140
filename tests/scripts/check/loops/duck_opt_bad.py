# expect: ZG101 at line 13
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()

class Plain:
    def __init__(self, ps): self.ps = ps; self.v = [torch.zeros_like(p) for p in ps]
    @torch.no_grad()
    def step(self):
        for p, v in zip(self.ps, self.v): v.mul_(.9).add_(p.grad); p.sub_(.01*v)
opt = Plain(P)
for it in range(24):
    loss().backward(); opt.step()
