# expect: pass
"""Four backwards a step, and a step for what is left over."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
batches = torch.randn(14, 6, 3)
for i, batch in enumerate(batches):
    (model(batch).pow(2).mean() / 4).backward()
    if (i + 1) % 4 == 0 or i + 1 == len(batches):
        optimizer.step()
        optimizer.zero_grad()
