# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for step in range(6):
    micro_batches = [batch(6) for n in range(4)]
    for n, (x, y) in enumerate(micro_batches): y[:n] = -100
    total = sum(int((y != -100).sum()) for _, y in micro_batches)
    for x, y in micro_batches:
        loss = F.cross_entropy(net(x), y) * int((y != -100).sum()) / total
        loss.backward()
    opt.step(); opt.zero_grad()
