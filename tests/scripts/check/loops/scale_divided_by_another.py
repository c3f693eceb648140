# expect: ZG502
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
accumulation_steps = 4
for i in range(40):
    x, y = batch()
    loss = F.cross_entropy(net(x), y)
    loss = loss / accumulation_steps
    loss.backward()
    if (i + 1) % 8 == 0: opt.step(); opt.zero_grad()
