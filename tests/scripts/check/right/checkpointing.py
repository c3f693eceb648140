# expect: pass
"""Activation checkpointing, reentrant and not."""
import torch
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)
first, second = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
for i in range(6):
    x = torch.randn(6, 3, requires_grad=True)
    hidden = checkpoint(first, x, use_reentrant=bool(i % 2))
    optimizer.zero_grad()
    second(hidden.tanh()).pow(2).mean().backward()
    optimizer.step()
