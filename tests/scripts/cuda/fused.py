"""A fused optimizer."""

import torch
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)).cuda()
x, y = torch.randn(24, 6, device="cuda"), torch.randn(24, 1, device="cuda")
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)
for _ in range(12):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
