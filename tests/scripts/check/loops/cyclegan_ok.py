# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

import itertools
A, B, DA, DB = mk(3,3), mk(3,3), mk(3,1), mk(3,1)
og = torch.optim.Adam(itertools.chain(A.parameters(), B.parameters())); od = torch.optim.Adam(itertools.chain(DA.parameters(), DB.parameters()))
def rg(nets, f):
    for n in nets:
        for p in n.parameters(): p.requires_grad = f
for it in range(8):
    x, y = torch.randn(4,3), torch.randn(4,3); fy, fx = A(x), B(y); rx, ry = B(fy), A(fx)
    rg([DA,DB], False); og.zero_grad(); (DA(fx).mean()+DB(fy).mean()+(rx-x).abs().mean()+(ry-y).abs().mean()).backward(); og.step()
    rg([DA,DB], True); od.zero_grad()
    for D_, r, f in ((DA,x,fx),(DB,y,fy)): (((D_(r)-1)**2).mean() + (D_(f.detach())**2).mean()).mul(.5).backward()
    od.step()
