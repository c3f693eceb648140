# expect: ZG101 at line 15
"""The target network is cleared, which never has gradients, and the network that trains is not."""
import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
target = copy.deepcopy(net)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(16):
    target.zero_grad()
    F.mse_loss(net(torch.randn(8, 4)), target(torch.randn(8, 4)).detach()).backward()
    opt.step()
