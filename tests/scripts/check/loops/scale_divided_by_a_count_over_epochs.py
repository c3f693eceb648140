# expect: ZG502
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    for _ in range(n):
        x = torch.randn(b, 8); yield x, (x.sum(1) > 0).long()
model = nn.Linear(8, 2); opt = torch.optim.Adam(model.parameters(), 1e-3)
accumulate = 2
count = 0
for x, y in batches(40):
    count += 1
    loss = nn.functional.cross_entropy(model(x), y)
    loss = loss / count
    loss.backward()
    if count % accumulate == 0:
        opt.step()
        opt.zero_grad()
