# expect: ZG106 at line 13
"""Two vocabularies; the one not used keeps being moved."""
import torch
from torch import nn

first, second = nn.Embedding(5, 2), nn.Embedding(5, 2)
optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
for i in range(8):
    table = first if i % 4 < 2 else second
    table.weight.grad = None
    loss = table(torch.randint(5, (6,))).pow(2).mean()
    loss.backward()
    optimizer.step()
