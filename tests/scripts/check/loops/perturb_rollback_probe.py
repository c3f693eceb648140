# expect: pass
"""Norms of three probe batches are looked at, then one is trained on."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

def grads():
    opt.zero_grad(); loss().backward(); return torch.stack([p.grad.norm() for p in P]).norm()
for i in range(15):
    for k in range(3): n = grads()
    opt.step()
