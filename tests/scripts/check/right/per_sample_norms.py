# expect: pass
"""Looks at the gradient of each sample before it trains."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    x = torch.randn(4, 3)
    norms = []
    for sample in x:
        model.zero_grad()
        model(sample).pow(2).sum().backward()
        norms.append(model.weight.grad.norm().item())
    model.zero_grad()
    model(x).pow(2).mean().backward()
    optimizer.step()
