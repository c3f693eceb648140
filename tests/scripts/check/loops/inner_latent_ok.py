# expect: pass
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
dec = nn.Linear(4, 8); opt = torch.optim.Adam(dec.parameters(), 1e-3)   # auto-decoder: infer z, then learn
for x, _ in batches():
    z = torch.zeros(16, 4, requires_grad=True); oz = torch.optim.SGD([z], .1)
    for _ in range(4):
        oz.zero_grad(); F.mse_loss(dec(z), x).backward(); oz.step()
    opt.zero_grad(); F.mse_loss(dec(z.detach()), x).backward(); opt.step()
