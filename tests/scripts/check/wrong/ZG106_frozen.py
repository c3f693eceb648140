# expect: ZG106 at line 14
"""Frozen halfway; what is cleared from then on is only what still trains."""
import torch
from torch import nn

body, head = nn.Linear(3, 4), nn.Linear(4, 1)
optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=0.01)
for i in range(8):
    for p in [*body.parameters(), *head.parameters()]:
        if p.requires_grad:
            p.grad = None
    loss = head(body(torch.randn(6, 3)).relu()).pow(2).mean()
    loss.backward()
    optimizer.step()
    if i == 2:
        body.requires_grad_(False)
