# expect: ZG401 at line 11
"""The last layer was replaced after the optimizer was made."""
import torch

model = torch.nn.Linear(3, 10)
optimizer = torch.optim.Adam(model.parameters())
model = torch.nn.Linear(3, 2)
for _ in range(5):
    optimizer.zero_grad()
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
