# expect: ZG301 at line 24
"""Each of three models learns from the others, and none is cut off."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
nets = [nn.Linear(6, 3) for _ in range(3)]
optimizers = [torch.optim.SGD(net.parameters(), 0.05) for net in nets]


def kl(p, q): return F.kl_div(F.log_softmax(p, -1), F.softmax(q, -1), reduction="batchmean")


for _ in range(12):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    outs = [net(x) for net in nets]
    for one in optimizers:
        one.zero_grad()
    for i, out in enumerate(outs):
        others = [kl(out, other) for j, other in enumerate(outs) if j != i]
        (F.cross_entropy(out, y) + sum(others) / 2).backward(retain_graph=True)
    for one in optimizers:
        one.step()
