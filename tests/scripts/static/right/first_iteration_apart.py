# expect: pass
"""Clears from the second iteration on: there is nothing to clear before."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for i, x in enumerate(torch.randn(20, 8, 3)):
    if i > 0:
        optimizer.zero_grad()
    model(x).pow(2).mean().backward()
    optimizer.step()
