# expect: pass
"""DP-SGD: per-sample clipping through microbatches, noise; hand-written."""
import torch
from torch import nn
import torch.nn.functional as F
class DPSGD(torch.optim.SGD):
    def __init__(self, params, C=1.0, sigma=0.5, batch=8, **kw):
        super().__init__(params, **kw); self.C, self.sigma, self.batch = C, sigma, batch
        for g in self.param_groups: g["acc"] = [torch.zeros_like(p) for p in g["params"]]
    def zero_microbatch_grad(self): super().zero_grad()
    def zero_grad(self, set_to_none=True):
        for g in self.param_groups:
            for a in g["acc"]: a.zero_()
    @torch.no_grad()
    def microbatch_step(self):
        norm = torch.sqrt(sum((p.grad ** 2).sum() for g in self.param_groups for p in g["params"]))
        c = min(self.C / (norm.item() + 1e-6), 1.0)
        for g in self.param_groups:
            for p, a in zip(g["params"], g["acc"]): a.add_(p.grad * c)
    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            for p, a in zip(g["params"], g["acc"]):
                p.grad = (a + self.sigma * self.C * torch.randn_like(a)) / self.batch
        return super().step(closure)
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 2)); opt = DPSGD(net.parameters(), lr=0.1)
for it in range(15):
    x = torch.randn(8, 6); y = (x[:, 0] > 0).long()
    opt.zero_grad()
    for i in range(8):
        opt.zero_microbatch_grad()
        F.cross_entropy(net(x[i:i + 1]), y[i:i + 1]).backward()
        opt.microbatch_step()
    opt.step()
