# expect: pass
"""Clears through .data, which leaves no trace in the version of the gradient."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(6):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
    for p in model.parameters():
        p.grad.data *= 0
