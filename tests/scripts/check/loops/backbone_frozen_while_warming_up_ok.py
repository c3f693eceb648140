# expect: pass
"""Both optimizers step from the start; the first one's parameters are frozen for longer than a check."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
body, head = nn.Linear(6, 8), nn.Linear(8, 3)
optimizers = [torch.optim.SGD(net.parameters(), lr=0.05) for net in (body, head)]
body.requires_grad_(False)
for step in range(20):
    body.requires_grad_(step >= 1000)
    for one in optimizers:
        one.zero_grad()
    F.cross_entropy(head(body(torch.randn(8, 6)).relu()), torch.randint(3, (8,))).backward()
    for one in optimizers:
        one.step()
