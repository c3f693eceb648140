# expect: ZG202 at line 9
"""Whether a window ends has a name; each of its backwards is cleared."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters())
for index, batch in enumerate(torch.randn(16, 8, 3)):
    last = index % 4 == 3
    optimizer.zero_grad()
    (model(batch).pow(2).mean() / 4).backward()
    if last:
        optimizer.step()
