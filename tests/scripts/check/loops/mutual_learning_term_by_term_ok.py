# expect: pass
"""Each term of one loss of two models goes back by itself; they learn from one another both ways."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
a, b = (nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, 3)) for width in (16, 24))
opt_a, opt_b = (torch.optim.SGD(net.parameters(), 0.05) for net in (a, b))


def kl(p, q): return F.kl_div(F.log_softmax(p, -1), F.softmax(q, -1), reduction="batchmean")


for _ in range(12):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    pa, pb = a(x), b(x)
    opt_a.zero_grad(); opt_b.zero_grad()
    for term in (F.cross_entropy(pa, y) + F.cross_entropy(pb, y), kl(pa, pb), kl(pb, pa)):
        term.backward(retain_graph=True)
    opt_a.step()
    opt_b.step()
