# expect: pass
"""One helper for two networks: its backward line runs twice, for two optimizers."""
import torch
from torch import nn

first, second = nn.Linear(3, 1), nn.Linear(3, 1)
optimizer_1 = torch.optim.Adam(first.parameters())
optimizer_2 = torch.optim.Adam(second.parameters())


def update(model, optimizer, x):
    optimizer.zero_grad()
    loss = model(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


for x in torch.randn(20, 8, 3):
    update(first, optimizer_1, x)
    update(second, optimizer_2, x)
