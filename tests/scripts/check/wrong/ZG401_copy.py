# expect: ZG401 at line 11
"""The optimizer holds the parameters of a copy."""
import copy
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(copy.deepcopy(model).parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad()
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
