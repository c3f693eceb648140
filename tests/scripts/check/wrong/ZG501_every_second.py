# expect: pass with ZG501 at line 8
"""One loop counts all micro-batches, and steps at every second of them."""
import torch

model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(12):
    model(torch.randn(4, 3)).pow(2).mean().backward()
    if i % 2 == 1:
        opt.step()
        opt.zero_grad()
