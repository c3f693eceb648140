# expect: pass with ZG501 at line 10
"""Whoever has not seen all micro-batches goes on with the next; nobody divides the losses."""
import torch

log_every, accum = 5, 4
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(48):
    loss = model(torch.randn(4, 3)).pow(2).mean()
    loss.backward()
    if i % log_every == 0:
        print(loss.item())
    if (i + 1) % accum:
        continue
    opt.step()
    opt.zero_grad()
