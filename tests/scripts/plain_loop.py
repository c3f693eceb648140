# expect: pass
"""A loop at module level, as in a first notebook."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(32, 3)
y = torch.randn(32, 1)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(6):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch}: loss={loss.item()!r}")
