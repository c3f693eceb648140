# expect: ZG103 at line 14
"""A batch with a large loss is skipped, and so is its clearing."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.05)
for step in range(40):
    loss = net(torch.randn(8, 4)).pow(2).mean() * (50 if step % 5 == 0 else 1)
    loss.backward()
    if loss.item() > 5:
        print("loss spike, skipping")
        continue
    opt.step()
    opt.zero_grad()
