# expect: pass
"""The body is frozen while the head trains; the loss also reaches a critic that nothing trains."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
body, head, critic = nn.Linear(6, 8), nn.Linear(8, 3), nn.Linear(8, 1)
optimizers = [torch.optim.SGD(net.parameters(), lr=0.05) for net in (body, head)]
body.requires_grad_(False)
for _ in range(20):
    for net in (body, head, critic):
        net.zero_grad()
    hidden = body(torch.randn(8, 6)).relu()
    loss = F.cross_entropy(head(hidden), torch.randint(3, (8,)))
    (loss + 0.1 * critic(hidden).mean()).backward()
    for one in optimizers:
        one.step()
