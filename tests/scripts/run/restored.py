"""Puts the weights back after each step."""

import copy

import torch
from torch import nn

torch.manual_seed(3)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
weights = copy.deepcopy(model.state_dict())
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(8):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    model.load_state_dict(weights)
