# expect: ZG502
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
accum = 3; scaler = torch.amp.GradScaler('cpu', init_scale=64.)
def loss_of(x, y): return F.cross_entropy(net(x), y) / accum
for step in range(8):
    for _ in range(accum):
        scaler.scale(loss_of(*batch()) / accum).backward()
    scaler.step(opt); scaler.update(); opt.zero_grad()
