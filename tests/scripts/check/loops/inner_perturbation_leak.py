# expect: ZG301
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
model = mlp(); opt = torch.optim.SGD(model.parameters(), .05)
for x, y in batches():
    opt.zero_grad()
    delta = (.001 * torch.randn_like(x)).requires_grad_(); od = torch.optim.SGD([delta], .03)
    for _ in range(3):
        od.zero_grad()
        l = -F.kl_div(F.log_softmax(model(x + delta), 1), F.softmax(model(x), 1), reduction="sum"); l.backward()
        delta.grad.div_(delta.grad.flatten(1).norm(dim=1, keepdim=True) + 1e-12)
        od.step(); delta.data.clamp_(-.1, .1)
    F.cross_entropy(model(x + delta.detach()), y).backward(); opt.step()
