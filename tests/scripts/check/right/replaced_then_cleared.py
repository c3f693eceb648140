# expect: pass
"""Replaces each gradient by its clamped copy and clears after the step."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for _ in range(6):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    for p in model.parameters():
        p.grad = p.grad.clamp(-0.1, 0.1)
    optimizer.step()
    optimizer.zero_grad()
