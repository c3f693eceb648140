# expect: ZG201 at line 13
"""GradScaler is left without a gradient, and raises an error at the first step."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
for _ in range(5):
    loss = net(torch.randn(8, 4)).pow(2).mean()
    scaler.scale(loss).backward()
    opt.zero_grad()
    scaler.step(opt)
    scaler.update()
