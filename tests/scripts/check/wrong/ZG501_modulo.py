# expect: pass with ZG501 at line 9
"""A step every fourth batch; nobody divides the losses."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i, batch in enumerate(torch.randn(24, 6, 3)):
    loss = model(batch).pow(2).mean()
    loss.backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
