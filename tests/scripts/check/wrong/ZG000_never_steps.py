# expect: inconclusive at line 9
"""The optimizer is made, cleared, and never asked to step."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad()
    model(torch.randn(6, 3)).pow(2).mean().backward()
