# expect: pass
"""Federated averaging with two local steps for each client."""
import torch, copy
from torch import nn
torch.manual_seed(0)
def mk(): return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
net = mk(); P = list(net.parameters())
def loss(n=None): return (n or net)(torch.randn(8, 4)).pow(2).mean()

for rnd in range(5):
    states = []
    for client in range(3):
        loc = copy.deepcopy(net); o = torch.optim.SGD(loc.parameters(), .1)
        for _ in range(2): o.zero_grad(); loss(loc).backward(); o.step()
        states.append(loc.state_dict())
    net.load_state_dict({k: sum(s[k] for s in states) / 3 for k in states[0]})
