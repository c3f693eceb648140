# expect: pass
"""Gradients of each sample by vmap, clipped; the dict of parameters is made anew from them."""
import torch, torch.nn as nn
from torch.func import functional_call, grad, vmap
torch.manual_seed(0)
m = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)); ps = dict(m.named_parameters()); ps = {k: v.detach() for k, v in ps.items()}
f = lambda p, x, y: ((functional_call(m, p, (x,)) - y) ** 2).mean()
per = vmap(grad(f), in_dims=(None, 0, 0))
for i in range(15):
    x, y = torch.randn(8, 4), torch.randn(8, 1)
    g = {k: (v / v.flatten(1).norm(dim=1).clamp(min=1).view(-1, *[1] * (v.dim() - 1))).mean(0) for k, v in per(ps, x, y).items()}
    ps = {k: ps[k] - .05 * g[k] for k in ps}
