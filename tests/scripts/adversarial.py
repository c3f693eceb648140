# expect: pass
"""Adversarial training: a first backward finds the attack and is cleared before the second."""

import torch
from torch import nn

torch.manual_seed(22)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
inputs, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(6):
    x = inputs.clone().requires_grad_()
    attack = nn.functional.mse_loss(model(x), y)
    attack.backward()
    x = (inputs + 0.1 * x.grad.sign()).detach()
    model.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    model.zero_grad()
    print(f"loss={attack.item() + loss.item()!r}")
