# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    for p in P: p.acc = torch.zeros_like(p)
    for xi in torch.randn(4,1,4):
        opt.zero_grad()
        net(xi).pow(2).mean().backward()
        n = nn.utils.clip_grad_norm_(P, 1.)
        for p in P: p.acc.add_(p.grad)
    for p in P: p.grad = (p.acc + .01*torch.randn_like(p))/4
    opt.step()
