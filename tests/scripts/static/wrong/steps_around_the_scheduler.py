# expect: ZG105 at line 13
"""It steps before the schedule and after it, on one gradient."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
plan = torch.optim.lr_scheduler.StepLR(optimizer, 10)
for batch in torch.randn(16, 8, 3):
    optimizer.zero_grad()
    model(batch).pow(2).mean().backward()
    optimizer.step()
    plan.step()
    optimizer.step()
