"""Writes to TensorBoard, in the default folder and in one of its own."""

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(33)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
default, named = SummaryWriter(), SummaryWriter("logs/mine")
x, y = torch.randn(12, 2), torch.randn(12, 1)
for step in range(3):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    for writer in (default, named):
        writer.add_scalar("loss", loss, step)
    print(f"loss={loss.item()!r}")
default.close()
named.close()
