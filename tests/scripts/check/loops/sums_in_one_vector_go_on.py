# expect: ZG103 at line 22
"""One vector sums all gradients, and is never emptied."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
P = list(net.parameters())
opt = torch.optim.SGD(P, 0.01)
def back():
    opt.zero_grad()
    F.cross_entropy(net(torch.rand(8, 6)), torch.randint(0, 3, (8,))).backward()
B = [torch.zeros_like(p) for p in P]
flat = torch.zeros(sum(p.numel() for p in P))
for it in range(8):
    for k in range(2):
        back()
        flat += torch.cat([p.grad.flatten() for p in P])
    o = 0
    for p in P:
        n = p.numel(); p.grad.copy_(flat[o:o + n].view_as(p)); o += n
    opt.step()
