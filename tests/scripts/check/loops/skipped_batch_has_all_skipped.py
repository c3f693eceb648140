# expect: ZG103 at line 14
"""What a skipped batch has left in the gradient keeps its norm too large for ever."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.05)
for step in range(40):
    loss = net(torch.randn(8, 4)).pow(2).mean() * (30 if step % 7 == 5 else 1)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(net.parameters(), 1e9)
    if norm > 4.0:
        continue
    opt.step()
    opt.zero_grad()
