# expect: ZG201 at line 10
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

G, D = mk(2,3), mk(3,1); og, od = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(D.parameters(), 1e-3)
for it in range(12):
    real, z = torch.randn(8,3), torch.randn(8,2)
    (D(real).mean() - D(G(z).detach()).mean()).backward(); od.zero_grad(); od.step()
    og.zero_grad(); (-D(G(z)).mean()).backward(); og.step()
