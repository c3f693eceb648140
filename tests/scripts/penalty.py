# expect: pass
"""A gradient penalty: a graph through the gradient itself."""

import torch
from torch import nn

torch.manual_seed(23)
model = nn.Sequential(nn.Linear(3, 8), nn.Softplus(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
x, y = torch.randn(16, 3), torch.randn(16, 1)
for _ in range(5):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    gradients = torch.autograd.grad(loss, list(model.parameters()), create_graph=True)
    loss = loss + 0.1 * sum(g.pow(2).sum() for g in gradients)
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")
