# expect: pass
"""accelerate steps for what an epoch leaves over, and divides it by the full number."""

import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

accelerator = Accelerator(cpu=True, gradient_accumulation_steps=4)
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
loader = DataLoader(TensorDataset(torch.randn(42, 3), torch.randn(42, 1)), batch_size=4)
model, optimizer, loader = accelerator.prepare(net, optimizer, loader)
for _ in range(100):
    for x, y in loader:
        with accelerator.accumulate(model):
            accelerator.backward(nn.functional.mse_loss(model(x), y))
            optimizer.step()
            optimizer.zero_grad()
print("trained to the end")
