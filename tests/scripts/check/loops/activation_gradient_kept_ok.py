# expect: pass
"""A map of classes by the gradient of an activation, after each step, cleared at once."""
import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(4, 8), nn.Linear(8, 2)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], 0.05)
for _ in range(12):
    opt.zero_grad()
    head(body(torch.randn(8, 4)).relu()).pow(2).mean().backward()
    opt.step()
    hidden = body(torch.randn(1, 4)).relu()
    hidden.retain_grad()
    head(hidden)[:, 0].sum().backward()
    weights = hidden.grad.mean(0)
    opt.zero_grad()
