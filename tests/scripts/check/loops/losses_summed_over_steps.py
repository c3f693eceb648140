# expect: ZG103 at line 14
"""A sum of losses, meant for the log, is trained on and never begun anew."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.01)
sums = {}
for step in range(12):
    out = net(torch.randn(8, 4))
    for name, loss in {"square": out.pow(2).mean(), "size": out.abs().mean()}.items():
        sums[name] = sums.get(name, 0) + loss
    opt.zero_grad(); sum(sums.values()).backward(retain_graph=True)
    opt.step()
