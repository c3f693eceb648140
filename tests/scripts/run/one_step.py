"""A single step."""

import torch
from torch import nn

torch.manual_seed(3)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss = nn.functional.mse_loss(model(torch.randn(8, 3)), torch.randn(8, 1))
optimizer.zero_grad()
loss.backward()
optimizer.step()
