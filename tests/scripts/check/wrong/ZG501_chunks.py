# expect: pass with ZG501 at line 9
"""A batch is cut into chunks whose means are summed; Adam hides it."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for batch in torch.randn(6, 12, 3):
    for chunk in batch.chunk(3):
        model(chunk).pow(2).mean().backward()
    optimizer.step()
    optimizer.zero_grad()
