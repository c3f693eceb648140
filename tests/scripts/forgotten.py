# expect: ZG101 at line 17
"""The classic mistake."""

import torch
from torch import nn

torch.manual_seed(1)
model = nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
data = torch.randn(64, 4)
target = data.sum(1, keepdim=True)
for i in range(8):
    batch = slice(8 * i, 8 * i + 8)
    # right: optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(data[batch]), target[batch])
    loss.backward()
    optimizer.step()
    print(f"{i}: loss={loss.item()!r}")
