# expect: ZG103 at line 10
"""Clears together with the logging, now and then."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for i in range(9):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
    if i % 3 == 0:
        print(i, loss.item())
        optimizer.zero_grad()
