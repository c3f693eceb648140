# expect: pass
"""Momentum through the gradients, on purpose."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
for _ in range(5):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()  # zgtui: ignore[ZG101]
