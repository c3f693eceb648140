# expect: pass
"""Sharpness-aware: the first gradient moves the weights away, the second is stepped with."""
import torch
from sam import SAM

model = torch.nn.Linear(3, 1)
optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.1)
for x in torch.randn(20, 8, 3):
    model(x).pow(2).mean().backward()
    optimizer.first_step(zero_grad=True)
    model(x).pow(2).mean().backward()
    optimizer.second_step(zero_grad=True)
