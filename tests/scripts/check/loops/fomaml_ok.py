# expect: pass
import copy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(4,1); meta = torch.optim.SGD(net.parameters(), .1)
for it in range(8):
    meta.zero_grad()
    for task in range(3):
        loc = copy.deepcopy(net); inner = torch.optim.SGD(loc.parameters(), .05); x, y = torch.randn(6,4), torch.randn(6,1)
        for k in range(3):
            inner.zero_grad(); F.mse_loss(loc(x), y).backward(); inner.step()
        inner.zero_grad(); F.mse_loss(loc(x), y).backward()
        for p, q in zip(net.parameters(), loc.parameters()):
            p.grad = q.grad.clone() if p.grad is None else p.grad + q.grad
    meta.step()
