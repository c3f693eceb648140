# expect: ZG106 at line 13
"""Two heads in turns; each turn clears only its own head."""
import torch
from torch import nn

heads = nn.ModuleList([nn.Linear(3, 1), nn.Linear(3, 2)])
optimizer = torch.optim.SGD(heads.parameters(), lr=0.05)
for i in range(8):
    head = heads[i % 2]
    head.zero_grad()
    loss = head(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
