"""A loop of your own, whose first steps are watched."""

import torch
from torch.utils.data import DataLoader, TensorDataset

from zgtui.integrations.own_loop import LoopWatch

loader = DataLoader(TensorDataset(torch.randn(48, 3), torch.randn(48, 1)), batch_size=4)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
watched = LoopWatch(optimizer)
for _ in range(10):
    for inputs, targets in watched(loader):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
