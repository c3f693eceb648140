# expect: pass
"""GradScaler with gradient accumulation, steps left out half of the time."""
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", init_scale=64.0)
for i in range(16):
    x = torch.randn(6, 3)
    if i % 4 == 1:
        x = x * float("inf")
    scaler.scale(model(x).pow(2).mean() / 2).backward()
    if i % 2:
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
