# expect: ZG502 at line 10
"""Each step applies half of the mean gradient, as if another process had the other half."""
import torch

log_every, accum = 5, 4
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for i in range(48):
    loss = model(torch.randn(4, 3)).pow(2).mean()
    (loss / (accum * 2)).backward()
    if i % log_every == 0:
        print(loss.item())
    if (i + 1) % accum:
        continue
    opt.step()
    opt.zero_grad()
