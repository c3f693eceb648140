# expect: pass
"""REINFORCE through cross_entropy with sampled actions, and a value loss: right. Also pseudo-labels sampled."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
pi = nn.Linear(4, 3); v = nn.Linear(4, 1); opt = torch.optim.Adam([*pi.parameters(), *v.parameters()], 1e-2)
for it in range(20):
    s = torch.randn(16, 4); logits = pi(s)
    a = torch.multinomial(logits.softmax(-1).detach(), 1).squeeze(1)
    r = (a == 0).float(); base = v(s).squeeze(1)
    opt.zero_grad()
    (F.cross_entropy(logits, a, reduction="none") * (r - base.detach())).mean().backward()
    F.mse_loss(base, r).backward()
    opt.step()
