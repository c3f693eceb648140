# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    opt.zero_grad(); loss().backward()
    for p in P:
        f = p.grad.flatten(); k = max(1, f.numel()//2); i = f.abs().topk(k).indices; m = torch.zeros_like(f); m[i] = 1; p.grad.mul_(m.view_as(p.grad))
    opt.step()
