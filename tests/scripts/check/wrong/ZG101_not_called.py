# expect: ZG101 at line 11
"""The parentheses are missing: the method is named, not called."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
