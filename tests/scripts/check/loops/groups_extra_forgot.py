# expect: ZG102 at line 10
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
extra = nn.Parameter(torch.ones(3)); opt.add_param_group({"params": [extra]})
for it in range(24):
    net.zero_grad(); (loss() + (extra*torch.randn(3)).sum()**2).backward(); opt.step()
