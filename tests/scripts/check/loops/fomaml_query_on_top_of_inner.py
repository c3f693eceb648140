# expect: ZG103 at line 20
"""First-order MAML: the query's gradient adds to that of the last inner step, and both are averaged."""
import copy
import torch
from torch import nn
torch.manual_seed(0)
meta = nn.Linear(4, 2)
opt = torch.optim.Adam(meta.parameters(), 1e-3)
def loss_of(net): return net(torch.randn(8, 4)).pow(2).mean()
for _ in range(10):
    opt.zero_grad()
    for _ in range(3):
        net = copy.deepcopy(meta)
        inner = torch.optim.SGD(net.parameters(), 0.05)
        for _ in range(2):
            inner.zero_grad(); loss_of(net).backward(); inner.step()
        loss_of(net).backward()
        for m, p in zip(meta.parameters(), net.parameters()):
            m.grad = p.grad / 3 if m.grad is None else m.grad + p.grad / 3
    opt.step()
