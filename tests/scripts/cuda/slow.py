"""Trains for several seconds, so that there is something to be seen of the GPU."""

import time

import torch
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1)).cuda()
x, y = torch.randn(24, 6, device="cuda"), torch.randn(24, 1, device="cuda")
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
end = time.monotonic() + 8
while time.monotonic() < end:
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
