# expect: inconclusive at line 11
"""Mixes gradients by hand and lets the next backward add to the mixture."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    for p in model.parameters():
        p.grad = p.grad * 0.5
    optimizer.step()
