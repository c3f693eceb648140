# expect: pass
"""A probe whose copy is kept, and two losses each with a logged norm: all right."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), 0.05); log = []
def flat(): return torch.cat([p.grad.flatten() for p in net.parameters()])
def back(loss): loss.backward(); log.append(flat().norm().item())
for it in range(20):
    x, y = torch.randn(8, 8), torch.randint(0, 3, (8,))
    opt.zero_grad(); F.cross_entropy(net(x[:2]), y[:2]).backward(); probe = flat().clone(); opt.zero_grad()
    back(F.cross_entropy(net(x), y)); back(0.1 * net(x).pow(2).mean())
    log.append(F.cosine_similarity(probe, flat(), dim=0).item())
    opt.step()
