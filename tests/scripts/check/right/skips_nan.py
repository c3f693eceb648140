# expect: pass
"""Leaves out steps whose loss is not finite."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(9):
    x = torch.randn(6, 3) * (float("nan") if i % 3 == 1 else 1)
    loss = model(x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if not torch.isfinite(norm):
        continue
    optimizer.step()
