# expect: ZG301 at line 19
"""Both are cleared, then both losses go back, then both step: the critic learns the generator's loss."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
G, D = mlp(2, 3), mlp(3, 1)
opt_g, opt_d = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(D.parameters(), 1e-3)
bce = nn.BCEWithLogitsLoss()
for _ in range(12):
    opt_g.zero_grad(); opt_d.zero_grad()
    fake = G(torch.randn(8, 2))
    loss_d = bce(D(torch.randn(8, 3)), torch.ones(8, 1)) + bce(D(fake.detach()), torch.zeros(8, 1))
    loss_g = bce(D(fake), torch.ones(8, 1))
    loss_d.backward()
    loss_g.backward()
    opt_g.step()
    opt_d.step()
