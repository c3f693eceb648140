"""A loop with accelerate, which accumulates two batches."""

import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader, TensorDataset

from zgtui.integrations.accelerate import AccelerateWatch

accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
data = TensorDataset(torch.randn(48, 3), torch.randn(48, 1))
model, optimizer, loader = accelerator.prepare(model, optimizer, DataLoader(data, batch_size=4))
watched = AccelerateWatch(accelerator, optimizer)
for _ in range(12):
    for inputs, targets in watched(loader):
        with accelerator.accumulate(model):
            accelerator.backward(torch.nn.functional.mse_loss(model(inputs), targets))
            optimizer.step()
            optimizer.zero_grad()
