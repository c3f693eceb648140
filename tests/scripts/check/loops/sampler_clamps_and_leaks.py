# expect: ZG301 at line 17
"""A sampler clamps the gradient of its input; what its backwards add to the weights stays."""
import torch, torch.nn as nn
torch.manual_seed(0); E = nn.Sequential(nn.Linear(2, 16), nn.SiLU(), nn.Linear(16, 1)); opt = torch.optim.Adam(E.parameters(), 1e-3)
def requires_grad(m, f):
    for p in m.parameters(): p.requires_grad_(f)
for i in range(15):
    neg = torch.randn(16, 2).requires_grad_(True); noise = torch.empty(16, 2)
    for k in range(5):
        noise.normal_(0, .01); neg.data.add_(noise)
        E(neg).sum().backward()
        neg.grad.data.clamp_(-.1, .1); neg.data.add_(neg.grad.data, alpha=-1.)
        neg.grad.detach_(); neg.grad.zero_()
    neg = neg.detach()
    pos = torch.randn(16, 2) + 1
    (E(pos).mean() - E(neg).mean()).backward()
    nn.utils.clip_grad_norm_(E.parameters(), .1); opt.step(); opt.zero_grad()
