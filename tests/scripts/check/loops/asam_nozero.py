# expect: ZG101 at line 23
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()

class ASAM:
    def __init__(self, o, m): self.o, self.m, self.s = o, m, {}
    @torch.no_grad()
    def ascent(self):
        w = []
        for n, p in self.m.named_parameters():
            if p.grad is None: continue
            self.s[p] = (p.abs()+.01)*p.grad; w.append(self.s[p].norm())
        k = .1/(torch.stack(w).norm()+1e-12)
        for p, e in self.s.items(): e.mul_(p.abs()+.01).mul_(k); p.add_(e)
        pass
    @torch.no_grad()
    def descent(self):
        for p, e in self.s.items(): p.sub_(e)
        self.o.step()
    def zero_grad(self): self.o.zero_grad()
opt = ASAM(opt, net)
for it in range(24):
    loss().backward(); opt.ascent(); loss().backward(); opt.descent()
