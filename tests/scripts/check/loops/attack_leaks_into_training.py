# expect: ZG301 at line 20
"""The attack's own backward passes add to the weights' gradients, which were cleared before it."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), 0.1)
def attacked(x, y):
    moved = torch.zeros_like(x, requires_grad=True)
    for _ in range(2):
        F.cross_entropy(net(x + moved), y).backward()
        moved.data = (moved + 0.03 * moved.grad.sign()).clamp(-0.1, 0.1)
        moved.grad.zero_()
    return (x + moved).detach()
for _ in range(12):
    x, y = torch.rand(8, 6), torch.randint(0, 3, (8,))
    opt.zero_grad()
    F.cross_entropy(net(attacked(x, y)), y).backward()
    opt.step()
