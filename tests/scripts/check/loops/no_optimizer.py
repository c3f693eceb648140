# expect: ZG101 at line 10
"""Weights moved by hand, never cleared."""
import torch

model = torch.nn.Linear(4, 1)
for n in range(80):
    model(torch.randn(8, 4)).pow(2).mean().backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.01 * p.grad
