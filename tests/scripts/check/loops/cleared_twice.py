# expect: ZG202 at line 9
"""Cleared with each micro batch and after the step."""
import torch

model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for n in range(80):
    loss = model(torch.randn(4, 3)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    if n % 4 == 3:
        opt.step()
        opt.zero_grad()
