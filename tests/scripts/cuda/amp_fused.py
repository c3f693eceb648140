"""Mixed precision in fp16; a fused optimizer leaves out steps with infinite gradients itself."""

import torch
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)).cuda()
x, y = torch.randn(24, 6, device="cuda"), torch.randn(24, 1, device="cuda")
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)
scaler = torch.amp.GradScaler("cuda", init_scale=2.0**20)
for _ in range(12):
    optimizer.zero_grad()
    with torch.autocast("cuda", dtype=torch.float16):
        loss = nn.functional.mse_loss(model(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    print(f"loss={loss.item()!r}")
