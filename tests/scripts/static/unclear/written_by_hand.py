# expect: pass with ZG001 at line 11
"""Gradients are replaced by hand before each step."""
import torch

model, copy = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(20, 8, 3):
    copy(x).mean().backward()
    for mine, other in zip(model.parameters(), copy.parameters()):
        mine.grad = other.grad.clone()
    optimizer.step()
