# expect: pass with ZG501
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for i in range(16):
    x, y = batch(); out = net(x)
    loss = F.cross_entropy(out, y) + 0.01 * out.pow(2).mean()
    loss.backward()
    if i % 4 == 3: opt.step(); opt.zero_grad()
