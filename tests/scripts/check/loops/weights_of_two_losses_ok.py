# expect: pass
"""Multi-task: uncertainty weights + MGDA two-task min-norm; gradient surgery through .grad."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(6, 16), nn.ReLU()); heads = nn.ModuleList([nn.Linear(16, 1), nn.Linear(16, 3)])
opt = torch.optim.SGD([*trunk.parameters(), *heads.parameters()], 0.05, momentum=0.9)
def task_grads(losses):
    out = []
    for l in losses:
        opt.zero_grad()
        l.backward(retain_graph=True)
        out.append([p.grad.clone() for p in trunk.parameters()])
    return out
def alpha(g1, g2):
    a = torch.cat([x.flatten() for x in g1]); b = torch.cat([x.flatten() for x in g2]); return (((b - a) @ b) / ((a - b).pow(2).sum() + 1e-9)).clamp(0, 1).item()
for it in range(20):
    x = torch.randn(12, 6); y1, y2 = x.sum(1, keepdim=True), (x[:, 0] > 0).long()
    h = trunk(x); l1, l2 = F.mse_loss(heads[0](h), y1), F.cross_entropy(heads[1](h), y2)
    a = alpha(*task_grads([l1, l2]))
    opt.zero_grad()
    (a * l1 + (1 - a) * l2).backward()
    opt.step()
