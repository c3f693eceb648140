# expect: ZG103 at line 14
"""Clears in one branch alone."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(8):
    if i % 2:
        optimizer.zero_grad()
        loss = model(torch.randn(6, 3)).pow(2).mean()
    else:
        loss = model(torch.randn(6, 3)).abs().mean()
    loss.backward()
    optimizer.step()
