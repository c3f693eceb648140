# expect: ZG103 at line 21
"""Sums that are made anew at each addition, and hold all before."""
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
D = {}
for it in range(8):
    for k in range(2):
        back()
        for n, p in net.named_parameters():
            D[n] = p.grad.clone() if n not in D else D[n] + p.grad.clone()
    for n, p in net.named_parameters(): p.grad = D[n].clone()
    opt.step()
