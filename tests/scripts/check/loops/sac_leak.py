# expect: ZG301 at line 17
import copy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

actor, q1, q2 = mk(4,2), mk(6,1), mk(6,1); t1 = copy.deepcopy(q1)
log_alpha = torch.zeros(1, requires_grad=True)
oa = torch.optim.Adam(actor.parameters(), 1e-3); oq = torch.optim.Adam([*q1.parameters(), *q2.parameters()], 1e-3); oal = torch.optim.Adam([log_alpha], 1e-3)
for t in range(20):
    s, r = torch.randn(8,4), torch.randn(8,1); a = torch.randn(8,2)
    y = r + .9 * t1(torch.cat([s, actor(s).detach()], 1)).detach()
    lq = F.mse_loss(q1(torch.cat([s,a],1)), y) + F.mse_loss(q2(torch.cat([s,a],1)), y)
    
    lq.backward(); oq.step()
    oq.zero_grad()
    pi = actor(s) + .1*torch.randn(8,2); lp = -(pi**2).sum(1)
    la = (log_alpha.exp().detach() * lp - torch.min(q1(torch.cat([s,pi],1)), q2(torch.cat([s,pi],1))).squeeze(1)).mean()
    oa.zero_grad(); la.backward(); oa.step()
    lal = -(log_alpha * (lp + 2).detach()).mean()
    oal.zero_grad(); lal.backward(); oal.step()
    for p, tp in zip(q1.parameters(), t1.parameters()): tp.data.copy_(.995*tp.data + .005*p.data)
