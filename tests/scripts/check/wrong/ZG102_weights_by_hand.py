# expect: ZG102 at line 11
"""Clears by hand and forgets the biases."""
import torch
from torch import nn

model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
    for layer in (model[0], model[2]):
        layer.weight.grad = None
