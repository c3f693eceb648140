# expect: pass
"""GradScaler with unscale_ and clipping; the first steps are skipped."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**20)
for i in range(8):
    optimizer.zero_grad()
    x = torch.randn(6, 3) * (float("inf") if i < 2 else 1.0)
    loss = model(x).pow(2).mean()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
