# expect: pass
"""Clears at the start of a window and steps at its end."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
for i, batch in enumerate(torch.randn(40, 6, 3)):
    if i % 4 == 0:
        optimizer.zero_grad()
    (model(batch).pow(2).mean() / 4).backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
