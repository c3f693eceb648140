# expect: pass
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    for _ in range(n):
        x = torch.randn(b, 8); yield x, (x.sum(1) > 0).long()

model = nn.Linear(8, 2); opt = torch.optim.SGD(model.parameters(), .1)
running = 0.
for epoch in range(6):
    for i, (x, y) in enumerate(batches(12)):
        loss = F.cross_entropy(model(x), y) / 4
        loss.backward()
        running += loss.item() / (i + 1)
        if (i + 1) % 4 == 0:
            opt.step(); opt.zero_grad()
