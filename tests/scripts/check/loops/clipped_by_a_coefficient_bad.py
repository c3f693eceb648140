# expect: ZG103 at line 17
"""Each sample is scaled down by a number of its own, but holds those before it as well."""
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
m = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); o = torch.optim.SGD(m.parameters(), .1)
C, sigma = 1., .5
for it in range(8):
    X, Y = torch.randn(6, 4), torch.randint(0, 2, (6,))
    acc = [torch.zeros_like(p) for p in m.parameters()]
    for x, y in zip(X, Y):
        F.cross_entropy(m(x[None]), y[None]).backward()
        total = torch.sqrt(sum(p.grad.norm() ** 2 for p in m.parameters()))
        c = (C / (total + 1e-6)).clamp(max=1.)
        for a, p in zip(acc, m.parameters()): a.add_(p.grad * c)
    for a, p in zip(acc, m.parameters()):
        p.grad = (a + sigma * C * torch.randn_like(a)) / len(X)
    o.step()
    m.zero_grad()
