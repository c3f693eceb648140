# expect: ZG101 at line 18
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
for it in range(24):
    loss().backward()
    with torch.no_grad():
        gn = torch.stack([p.grad.norm() for p in P]).norm(); es = []
        for p in P:
            e = p.grad * (.05/(gn+1e-12)); p.add_(e); es.append(e)
    
    loss().backward()
    with torch.no_grad():
        for p, e in zip(P, es): p.sub_(e)
    opt.step()
