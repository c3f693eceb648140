# expect: ZG101 at line 13
"""Clears the exponential average instead of the model."""
import copy
import torch

model = torch.nn.Linear(3, 1)
average = copy.deepcopy(model)
optimizer = torch.optim.Adam(model.parameters())
for _ in range(5):
    average.zero_grad()
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for ours, theirs in zip(average.parameters(), model.parameters()):
            ours.lerp_(theirs, 0.1)
