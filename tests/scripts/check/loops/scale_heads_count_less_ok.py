# expect: pass
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    for _ in range(n):
        x = torch.randn(b, 8); yield x, (x.sum(1) > 0).long()
body = nn.Linear(8, 8); heads = nn.ModuleList(nn.Linear(8, 2) for _ in range(4))
opt = torch.optim.SGD([*body.parameters(), *heads.parameters()], .1)
for x, y in batches():   # deeper heads count less
    opt.zero_grad()
    for k, head in enumerate(heads):
        (F.cross_entropy(head(body(x)), y) / (k + 1)).backward()
    opt.step()
