# expect: pass
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
model = mlp(); opt = torch.optim.SGD(model.parameters(), .05); K = 3
for x, y in batches():
    opt.zero_grad()
    delta = (.01 * torch.randn_like(x)).requires_grad_(); od = torch.optim.SGD([delta], .03, maximize=True)
    for _ in range(K):
        od.zero_grad()
        (F.cross_entropy(model(x + delta), y) / K).backward()   # trains the model as well
        od.step()
    opt.step()
