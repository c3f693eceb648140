# expect: ZG301 at line 16
"""The critic's fakes are made without a graph; the generator's loss reaches it all the same."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
G, D = mlp(2, 3), mlp(3, 1)
opt_g, opt_d = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
for _ in range(12):
    opt_g.zero_grad(); opt_d.zero_grad()
    with torch.no_grad(): fake = G(torch.randn(8, 2))
    (F.softplus(-D(torch.randn(8, 3))).mean() + F.softplus(D(fake)).mean()).backward()
    F.softplus(-D(G(torch.randn(8, 2)))).mean().backward()
    opt_g.step()
    opt_d.step()
