# expect: ZG201 at line 10
"""The same, with zeros instead of None, and momentum."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for _ in range(5):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    model.zero_grad(set_to_none=False)
    optimizer.step()
