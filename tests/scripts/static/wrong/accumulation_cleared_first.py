# expect: ZG202 at line 10
"""Clears with every micro-batch, and again where it steps."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
accumulation_steps = 4

for step, batch in enumerate(torch.randn(40, 6, 3)):
    optimizer.zero_grad()
    loss = model(batch).pow(2).mean() / accumulation_steps
    loss.backward()
    if (step + 1) % accumulation_steps == 0:
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        model.zero_grad()
