# expect: ZG202 at line 8
"""Accumulates over four batches, but clears with each."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(16):
    optimizer.zero_grad()
    loss = model(torch.randn(6, 3)).pow(2).mean() / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
