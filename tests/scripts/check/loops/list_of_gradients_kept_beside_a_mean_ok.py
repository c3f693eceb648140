# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), 0.05)
ema = None
all_grads = []
for it in range(30):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(8, 8)), torch.randint(0, 3, (8,))).backward()
    all_grads.append([p.grad.clone() for p in net.parameters()])
    ema = [p.grad.clone() for p in net.parameters()] if ema is None else [0.9 * e + 0.1 * p.grad for e, p in zip(ema, net.parameters())]
    for e, p in zip(ema, net.parameters()): p.grad = e.clone()
    opt.step()
import numpy as np
print(len(all_grads))
