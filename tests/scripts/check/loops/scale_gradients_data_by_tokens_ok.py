# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for step in range(6):
    seen = 0
    for micro in range(4):
        x, y = batch(4 + micro); F.cross_entropy(net(x), y, reduction='sum').backward(); seen += len(y)
    for p in net.parameters(): p.grad.data.mul_(1.0 / seen)
    opt.step(); opt.zero_grad()
