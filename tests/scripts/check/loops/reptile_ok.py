# expect: pass
import copy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(4,1)
for it in range(6):
    loc = copy.deepcopy(net); inner = torch.optim.Adam(loc.parameters(), .01); x, y = torch.randn(6,4), torch.randn(6,1)
    for k in range(4):
        inner.zero_grad()
        F.mse_loss(loc(x), y).backward(); inner.step()
    with torch.no_grad():
        for p, q in zip(net.parameters(), loc.parameters()): p += .1*(q-p)
