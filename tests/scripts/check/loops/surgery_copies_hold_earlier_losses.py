# expect: ZG103 at line 24
"""Each loss's gradient is copied, but not cleared before that of the next, which holds it too."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
trunk, heads = nn.Linear(6, 8), nn.ModuleList(nn.Linear(8, 1) for _ in range(3))
opt = torch.optim.Adam([*trunk.parameters(), *heads.parameters()], 1e-3)
shared = list(trunk.parameters())
for _ in range(10):
    hidden = trunk(torch.randn(8, 6)).relu()
    opt.zero_grad()
    rows = []
    for head in heads:
        F.mse_loss(head(hidden), torch.randn(8, 1)).backward(retain_graph=True)
        rows.append(torch.cat([p.grad.flatten().clone() for p in shared]))
    rows = torch.stack(rows)
    weights = torch.softmax(-(rows @ rows.t()).mean(1), 0)
    common, at = (weights[:, None] * rows).sum(0), 0
    for p in shared:
        p.grad.copy_(common[at : at + p.numel()].view_as(p))
        at += p.numel()
    opt.step()
