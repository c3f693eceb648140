# expect: ZG203 at line 13
"""The auxiliary head's loss is computed first and cleared with everything else."""
import torch
from torch import nn

torch.manual_seed(0)
body, head, auxiliary = nn.Linear(3, 4), nn.Linear(4, 1), nn.Linear(4, 2)
modules = nn.ModuleList([body, head, auxiliary])
optimizer = torch.optim.Adam(modules.parameters())
for _ in range(6):
    hidden = body(torch.randn(6, 3)).tanh()
    auxiliary(hidden.detach()).pow(2).mean().backward()
    optimizer.zero_grad()
    head(hidden).pow(2).mean().backward()
    optimizer.step()
