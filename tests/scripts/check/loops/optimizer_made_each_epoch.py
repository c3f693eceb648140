# expect: ZG101 at line 12
"""An optimizer made anew each epoch; nothing is ever cleared."""
import torch, copy
from torch import nn
torch.manual_seed(0)
def mk(): return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
net = mk(); P = list(net.parameters())
def loss(n=None): return (n or net)(torch.randn(8, 4)).pow(2).mean()

for e in range(10):
    o = torch.optim.SGD(P, .1)
    for _ in range(2): loss().backward(); o.step()
