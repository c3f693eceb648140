# expect: ZG101 at line 11
"""Clears once, before the training starts."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
optimizer.zero_grad()
for _ in range(6):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
