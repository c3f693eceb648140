# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
batches = [batch() for _ in range(11)]
for epoch in range(4):
    pending = 0; groups = [batches[k:k + 4] for k in range(0, 11, 4)]
    for group in groups:
        for x, y in group: (F.cross_entropy(net(x), y) / len(group)).backward()
        opt.step(); opt.zero_grad()
