# expect: pass
"""A dictionary of optimizers and one line for their losses."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

a = nn.Linear(4, 4); b = nn.Linear(4, 1); opts = {"b": torch.optim.SGD(b.parameters(), .1), "a": torch.optim.SGD(a.parameters(), .1)}
for i in range(15):
    x = torch.randn(8, 4)
    for k, o in opts.items():
        o.zero_grad(); f = a(x); (b(f.detach() if k == "b" else f).mean() * (1 if k == "b" else -1)).backward(); o.step()
