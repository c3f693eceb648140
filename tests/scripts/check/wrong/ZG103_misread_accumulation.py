# expect: ZG103 at line 10
"""Accumulation, but steps with every batch and clears every fourth."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(12):
    loss = model(torch.randn(6, 3)).pow(2).mean() / 4
    loss.backward()
    optimizer.step()
    if (i + 1) % 4 == 0:
        optimizer.zero_grad()
