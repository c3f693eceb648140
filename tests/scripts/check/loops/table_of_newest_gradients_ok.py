# expect: pass
"""SAG: a table of the newest gradient of each batch; Anderson-like window; heavy-ball by hand; all right."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), 0.05)
data = [(torch.randn(8, 8), torch.randint(0, 3, (8,))) for _ in range(40)]
table = {}
grad_norms = []
for ep in range(2):
    for i in torch.randperm(40).tolist():
        x, y = data[i]
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        table[i] = [p.grad.clone() for p in net.parameters()]
        grad_norms.append(torch.stack([p.grad.norm() for p in net.parameters()]).norm())
        for k, p in enumerate(net.parameters()): p.grad = torch.stack([g[k] for g in table.values()]).mean(0)
        opt.step()
