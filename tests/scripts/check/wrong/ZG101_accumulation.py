# expect: ZG101 at line 11
"""Gradient accumulation that forgets to clear after the step."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(16):
    loss = model(torch.randn(6, 3)).pow(2).mean() / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
