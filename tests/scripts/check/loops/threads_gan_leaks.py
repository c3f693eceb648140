# expect: ZG301
import copy, itertools, math, random
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
def batches(n=20, b=16):
    return [((x := torch.randn(b, 8)), (x.sum(1) > 0).long()) for _ in range(n)]
def mlp(i=8, o=2): return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))
import threading, queue, time
def gan(seed):
    G, D = mlp(4, 8), mlp(8, 1); og, od = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(D.parameters(), 1e-3)
    for _ in range(15):
        (D(G(torch.randn(64, 4)).detach()).mean() - D(torch.randn(64, 8)).mean()).backward(); od.step(); od.zero_grad()
        og.zero_grad(); (-D(G(torch.randn(64, 4))).mean()).backward(); og.step()
ts = [threading.Thread(target=gan, args=(i,)) for i in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
