# expect: ZG504 at line 20
"""Sequences are gathered until there are enough tokens; what is left at the end of an epoch goes."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
table, head = nn.Embedding(20, 8), nn.Linear(8, 20)
net = nn.ModuleList([table, head])
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(5):
    tokens = 0
    for length in (4, 9, 6, 7, 5, 8, 3, 6):
        batch = torch.randint(20, (4, length + 1))
        F.cross_entropy(head(table(batch[:, :-1])).flatten(0, 1), batch[:, 1:].flatten(), reduction="sum").backward()
        tokens += 4 * length
        if tokens >= 60:
            for p in net.parameters():
                p.grad.div_(tokens)
            opt.step()
            opt.zero_grad()
            tokens = 0
    opt.zero_grad()
