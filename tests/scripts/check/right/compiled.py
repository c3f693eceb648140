# expect: pass
"""A compiled model, without its compiler here."""
import torch

model = torch.compile(torch.nn.Linear(3, 1), backend="eager")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad()
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
