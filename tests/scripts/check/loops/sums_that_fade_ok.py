# expect: pass
"""A momentum of the script's own: old gradients fade."""
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
for it in range(16):
    back()
    for i, p in enumerate(P):
        B[i] = 0.9 * B[i] + p.grad
        p.grad = B[i].clone()
    opt.step()
