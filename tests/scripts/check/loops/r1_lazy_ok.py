# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

G, D = mk(2,3), mk(3,1); og, od = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(D.parameters(), 1e-3)
for it in range(12):
    real, z = torch.randn(8,3), torch.randn(8,2)
    od.zero_grad(); (F.softplus(-D(real)).mean() + F.softplus(D(G(z).detach())).mean()).backward(); od.step()
    if it % 4 == 0:
        x = real.clone().requires_grad_(); od.zero_grad(); g, = torch.autograd.grad(D(x).sum(), x, create_graph=True); (g.pow(2).sum(1).mean()*4).backward(); od.step()
    og.zero_grad(); F.softplus(-D(G(z))).mean().backward(); og.step()
