# expect: ZG202 at line 8
"""Cleared before each of four micro batches, clipped before the step."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2); opt = torch.optim.AdamW(net.parameters(), .01)
for i in range(40):
    opt.zero_grad()
    (net(torch.randn(8, 4)).pow(2).mean() / 4).backward()
    if i % 4 == 3:
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step()
