# expect: ZG202 at line 9
"""The condition that should clear after the step clears before the last backward instead."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
for index, batch in enumerate(torch.randn(16, 8, 3)):
    if (index + 1) % 4 == 0:
        optimizer.zero_grad()
    (model(batch).pow(2).mean() / 4).backward()
    if (index + 1) % 4 == 0:
        optimizer.step()
