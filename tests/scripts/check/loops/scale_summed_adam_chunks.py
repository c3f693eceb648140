# expect: pass with ZG501
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
for step in range(6):
    x, y = batch(32)
    for part, target in zip(x.chunk(4), y.chunk(4)):
        loss = F.cross_entropy(net(part), target)
        loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step(); opt.zero_grad(set_to_none=True)
