# expect: ZG502 at line 12
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
accum = 4
for i in range(24):
    x, y = batch()
    loss = F.cross_entropy(net(x), y) / accum
    (loss / accum).backward()
    if (i + 1) % accum == 0: opt.step(); opt.zero_grad()
