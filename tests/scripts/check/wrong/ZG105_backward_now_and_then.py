# expect: ZG105 at line 12
"""Backward every second batch, but a step with every batch."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for i in range(8):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    if i % 2 == 0:
        optimizer.zero_grad()
        loss.backward()
    optimizer.step()
