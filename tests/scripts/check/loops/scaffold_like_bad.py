# expect: ZG101 at line 12
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(); c = [torch.zeros_like(p) for p in net.parameters()]; opt = torch.optim.SGD(net.parameters(), .05)
for it in range(15):
    
    net(torch.randn(8,4)).pow(2).mean().backward()
    for p, ci in zip(net.parameters(), c): p.grad.add_(ci, alpha=-.1); ci.mul_(.9).add_(p.grad, alpha=.1)
    opt.step()
