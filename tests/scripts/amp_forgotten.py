# expect: ZG101 at line 16
"""The same without clearing."""

import torch
from torch import nn

torch.manual_seed(7)
model = nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
x, y = torch.randn(24, 6), torch.randn(24, 1)
for _ in range(7):
    # right: optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    print(f"loss={loss.item()!r}")
