# expect: pass
"""Clears and goes on before the backward when the loss is not finite."""
import math
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(8):
    loss = model(torch.randn(6, 3)).pow(2).mean() * (math.inf if i % 4 == 2 else 1)
    if not math.isfinite(loss.item()):
        optimizer.zero_grad()
        continue
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
