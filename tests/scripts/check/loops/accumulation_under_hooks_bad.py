# expect: ZG202 at line 11
"""Hooks clip what goes back through an activation: they excuse no clearing inside the window."""
import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(4, 8), nn.Linear(8, 1)
opt = torch.optim.Adam([*body.parameters(), *head.parameters()], 1e-3)
for turn in range(32):
    hidden = body(torch.randn(8, 4))
    hidden.register_hook(lambda grad: grad.clamp(-1, 1))
    opt.zero_grad()
    (head(hidden).pow(2).mean() / 4).backward()
    if turn % 4 == 3:
        opt.step()
