# expect: pass
"""Attack and training through one helper line."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

def fwd(x): opt.zero_grad(); l = net(x).pow(2).mean(); l.backward(); return l
for i in range(15):
    x = torch.randn(8, 4, requires_grad=True)
    for t in range(3):
        fwd(x)
        if t < 2: x = (x + .01 * x.grad.sign()).detach().requires_grad_()
    opt.step()
