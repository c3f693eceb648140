# expect: ZG301 at line 12
"""Ahead of each epoch the largest gradient is measured, and stays."""
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); net = nn.Linear(4, 3); opt = torch.optim.SGD(net.parameters(), .05)
def sharpness():
    F.cross_entropy(net(torch.randn(32, 4)), torch.randint(0, 3, (32,))).backward(); n = max(p.grad.abs().max().item() for p in net.parameters())
    return n
for ep in range(6):
    print(sharpness())
    for _ in range(5):
        F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).backward()
        opt.step()
        opt.zero_grad()
