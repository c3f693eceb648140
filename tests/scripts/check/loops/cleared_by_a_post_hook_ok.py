# expect: pass
"""A post-hook of the optimizer's own clears right after the update."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters())
opt.register_step_post_hook(lambda optimizer, args, kwargs: optimizer.zero_grad())
for _ in range(10):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
