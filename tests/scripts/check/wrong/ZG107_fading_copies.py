# expect: pass with ZG107 at line 10
"""The same by a copy that takes the gradient's place."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(6):
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
    for p in model.parameters():
        p.grad = 0.5 * p.grad
