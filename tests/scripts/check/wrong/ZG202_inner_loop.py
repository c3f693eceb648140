# expect: ZG202 at line 9
"""Two nested loops; the clearing stands in the inner one."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for _ in range(4):
    for micro in torch.randn(3, 6, 3):
        model.zero_grad()
        (model(micro).pow(2).mean() / 3).backward()
    optimizer.step()
