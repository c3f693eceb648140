# expect: pass
"""A frozen body, thawed halfway, and a scheduler that steps with every batch."""

import torch
from torch import nn

torch.manual_seed(19)
body, head = nn.Linear(4, 6), nn.Linear(6, 1)
body.requires_grad_(False)
model = nn.Sequential(body, nn.ReLU(), head)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=10)
x, y = torch.randn(20, 4), torch.randn(20, 1)
for step in range(8):
    if step == 4:
        body.requires_grad_(True)
    model.zero_grad(set_to_none=False)
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(f"loss={loss.item()!r}")
