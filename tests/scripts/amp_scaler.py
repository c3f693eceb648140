# expect: inconclusive at line 19
"""Mixed precision with a GradScaler that starts too high, so that it leaves out its first steps."""

import torch
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=2)
x, y = torch.randn(24, 6), torch.randn(24, 1)
for _ in range(8):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = nn.functional.mse_loss(model(x), y) * 50
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    print(f"loss={loss.item()!r}")
