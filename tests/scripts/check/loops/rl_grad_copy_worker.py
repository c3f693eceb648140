# expect: pass
"""A worker's gradients are handed over and the worker is cleared."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

loc = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
for i in range(15):
    loc.load_state_dict(net.state_dict()); loc.zero_grad(); loc(torch.randn(8, 4)).pow(2).mean().backward()
    for q, p in zip(loc.parameters(), P): p.grad = q.grad.clone()
    opt.step()
