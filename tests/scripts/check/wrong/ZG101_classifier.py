# expect: ZG101 at line 14
"""A classifier whose author has never heard of zero_grad()."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=1e-2, momentum=0.9)
for epoch in range(5):
    xb, yb = torch.randn(8, 4), torch.randint(3, (8,))
    loss = F.cross_entropy(net(xb), yb)
    loss.backward()
    opt.step()
