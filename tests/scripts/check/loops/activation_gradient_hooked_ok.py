# expect: pass
"""The gradient of an activation goes to a hook of its module, or of itself; then all is cleared."""
import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(4, 8), nn.Linear(8, 2)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], 0.05)
seen = []
body.register_full_backward_hook(lambda module, inner, outer: seen.append(outer[0]))
for turn in range(12):
    hidden = body(torch.randn(1, 4))
    if turn % 2:
        hidden.register_hook(seen.append)
    head(hidden)[:, 0].sum().backward()
    opt.zero_grad()
    head(body(torch.randn(8, 4)).relu()).pow(2).mean().backward()
    opt.step()
