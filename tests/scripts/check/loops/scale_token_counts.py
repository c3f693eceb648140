# expect: ZG503
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
accum = 4
for step in range(6):
    for micro in range(accum):
        x, y = batch(10); y[:int(torch.randint(0, 8, ()))] = -100
        loss = F.cross_entropy(net(x), y, ignore_index=-100) / accum
        loss.backward()
    opt.step(); opt.zero_grad()
