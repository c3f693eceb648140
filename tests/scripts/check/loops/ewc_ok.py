# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
F_ = [torch.zeros_like(p) for p in P]; old = [p.detach().clone() for p in P]
for it in range(24):
    opt.zero_grad(); (loss() + sum((f*(p-o)**2).sum() for f,p,o in zip(F_, P, old))).backward(); opt.step()
    if it == 8:
        for _ in range(6):
            net.zero_grad(); loss().backward()
            for f, p in zip(F_, P): f += p.grad.detach()**2 / 6
        old = [p.detach().clone() for p in P]
