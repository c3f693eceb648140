# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()

class My(torch.optim.Optimizer):
    def __init__(self, ps, lr=.01, mu=.9): super().__init__(ps, dict(lr=lr, mu=mu))
    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            for p in g['params']:
                if p.grad is None: continue
                d = p.grad
                if d.dim()>1: d = d - d.mean(1, keepdim=True)
                st = self.state[p]
                if 'b' not in st: st['b'] = torch.zeros_like(p)
                st['b'].mul_(g['mu']).add_(d); p.add_(st['b'], alpha=-g['lr'])
                
opt = My(P)
for it in range(24):
    opt.zero_grad(); loss().backward(); opt.step()
