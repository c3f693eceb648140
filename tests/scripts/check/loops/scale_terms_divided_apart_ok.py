# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for i in range(24):
    x, y = batch(); out = net(x)
    (F.cross_entropy(out, y) / 4 + out.pow(2).mean() / 4).backward()
    if (i + 1) % 4 == 0: opt.step(); opt.zero_grad()
