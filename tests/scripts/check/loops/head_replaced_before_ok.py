# expect: pass
"""The last layer is replaced first, and the old body is frozen."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 10))
net[2] = nn.Linear(8, 3)
opt = torch.optim.Adam(net[2].parameters(), lr=1e-3)
for _ in range(12):
    opt.zero_grad()
    nn.functional.cross_entropy(net(torch.randn(8, 4)), torch.randint(3, (8,))).backward()
    opt.step()
