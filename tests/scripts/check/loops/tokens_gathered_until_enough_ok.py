# expect: pass
"""Steps wait until a batch has enough tokens; most batches have them at once."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.05)
tokens, losses = 0, 0.0
for batch in range(40):
    size = 3 if batch % 5 == 2 else 8
    loss = net(torch.randn(size, 4)).pow(2).sum() / 8
    loss.backward()
    tokens, losses = tokens + size, losses + loss.item()
    if tokens < 8:
        continue
    opt.step(); opt.zero_grad()
    tokens, losses = 0, 0.0
