# expect: pass
"""Clears by multiplying with zero, and through slices."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(6):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
    model.weight.grad *= 0
    model.bias.grad[:] = 0
