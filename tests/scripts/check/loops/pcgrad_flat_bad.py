# expect: ZG101 at line 19
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
def losses(): o = net(torch.randn(8,4)); return o[:,0].pow(2).mean(), o[:,1].abs().mean()
for it in range(24):
    gs = []
    for k in range(2):
        pass
        losses()[k].backward()
        gs.append(torch.cat([p.grad.flatten() for p in P]))
    a, b = gs; d = a @ b
    if d < 0: a, b = a - d/(b@b)*b, b - d/(a@a)*a
    m = (a+b)/2; o = 0
    for p in P: n = p.numel(); p.grad = m[o:o+n].view_as(p).clone(); o += n
    opt.step()
