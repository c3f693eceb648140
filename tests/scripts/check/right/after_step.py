# expect: pass
"""Clears after the step; a plateau scheduler."""
import torch

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
for _ in range(5):
    loss = model(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    scheduler.step(loss.item())
