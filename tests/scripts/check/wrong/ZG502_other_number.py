# expect: ZG502 at line 8
"""The number of micro-batches was raised to 6; the loss is still divided by 4."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i, batch in enumerate(torch.randn(36, 6, 3)):
    (model(batch).pow(2).mean() / 4).backward()
    if (i + 1) % 6 == 0:
        optimizer.step()
        optimizer.zero_grad()
