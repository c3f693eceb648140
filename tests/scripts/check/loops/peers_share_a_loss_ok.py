# expect: pass
"""Two encoders share a loss on purpose; one has a loss of its own, in which the other is cut off."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, o))
a, b, head = mlp(6, 4), mlp(6, 4), mlp(8, 3)
opt_a, opt_b = (torch.optim.SGD([*p], 0.05) for p in (a.parameters(), [*b.parameters(), *head.parameters()]))
for _ in range(12):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    opt_a.zero_grad(); opt_b.zero_grad()
    za, zb = a(x), b(x)
    F.cross_entropy(za @ zb.t(), torch.arange(16)).backward(retain_graph=True)
    F.cross_entropy(head(torch.cat([za.detach(), zb], 1)), y).backward()
    opt_a.step(); opt_b.step()
