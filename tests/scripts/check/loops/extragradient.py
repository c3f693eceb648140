# expect: pass
"""Extragradient: look ahead by hand, go back, step with the second gradient."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for i in range(15):
    keep = [p.detach().clone() for p in P]
    for half in (True, False):
        opt.zero_grad(); loss().backward()
        with torch.no_grad():
            if half:
                for p in P: p.sub_(.01 * p.grad)
            else:
                for p, k in zip(P, keep): p.copy_(k)
                opt.step()
