# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for step in range(6):
    parts = [batch(3 + n) for n in range(4)]
    total = sum(len(y) for _, y in parts)
    for x, y in parts:
        (F.cross_entropy(net(x), y, reduction='sum') / total).backward()
    opt.step(); opt.zero_grad()
