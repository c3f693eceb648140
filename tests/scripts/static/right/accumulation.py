# expect: pass
"""Accumulation with a clearing where it steps, and one before the loop."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
scaler = torch.amp.GradScaler("cpu")
optimizer.zero_grad()
for i, batch in enumerate(torch.randn(40, 6, 3)):
    loss = model(batch).pow(2).mean() / 4
    scaler.scale(loss).backward()
    if (i + 1) % 4 == 0 or i == 39:
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)
