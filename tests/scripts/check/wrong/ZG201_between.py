# expect: ZG201 at line 10
"""zero_grad() between backward() and step()."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(5):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
