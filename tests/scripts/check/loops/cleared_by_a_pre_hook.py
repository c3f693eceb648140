# expect: ZG201 at line 8
"""A pre-hook of the optimizer's own clears right before the update."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters())
opt.register_step_pre_hook(lambda optimizer, args, kwargs: optimizer.zero_grad())
for _ in range(10):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
