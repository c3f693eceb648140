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
from torch.utils.checkpoint import checkpoint
def train(seed):
    a, b = nn.Linear(8, 16), nn.Linear(16, 2); opt = torch.optim.SGD([*a.parameters(), *b.parameters()], .1)
    for x, y in batches(15):
        opt.zero_grad(); x.requires_grad_(); h = checkpoint(lambda z: torch.relu(a(z)), x, use_reentrant=bool(seed % 2)); F.cross_entropy(b(h), y).backward(); opt.step()
ts = [threading.Thread(target=train, args=(i,)) for i in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
