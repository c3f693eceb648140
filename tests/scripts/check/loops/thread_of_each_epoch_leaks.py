# expect: ZG504
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
import threading, queue, time
model = mlp(); opt = torch.optim.Adam(model.parameters(), 1e-3); K = 4
def epoch():
    for i, (x, y) in enumerate(batches(10)):
        (F.cross_entropy(model(x), y) / K).backward()
        if (i + 1) % K == 0: opt.step(); opt.zero_grad()
for _ in range(8):
    t = threading.Thread(target=epoch); t.start(); t.join()
