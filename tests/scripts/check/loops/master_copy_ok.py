# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
half = mk().bfloat16(); master = [p.detach().clone().float().requires_grad_() for p in half.parameters()]; om = torch.optim.SGD(master, .05); del opt
for it in range(24):
    half.zero_grad(); (half(torch.randn(8,4).bfloat16()).float().pow(2).mean()).backward()
    for m, h in zip(master, half.parameters()): m.grad = h.grad.float()
    om.step()
    for m, h in zip(master, half.parameters()): h.data.copy_(m.data)
