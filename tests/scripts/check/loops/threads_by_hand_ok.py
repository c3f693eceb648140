# expect: pass
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
import threading, queue, time
def train(seed):
    net = mlp()
    for x, y in batches(15):
        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for p in net.parameters(): p -= .05 * p.grad; p.grad = None
ts = [threading.Thread(target=train, args=(i,)) for i in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
