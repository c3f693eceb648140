# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(4,1); opt = torch.optim.Adam(net.parameters(), 1e-3)
from torch.func import functional_call
for it in range(8):
    opt.zero_grad()
    tot = 0
    for task in range(3):
        x, y = torch.randn(6,4), torch.randn(6,1)
        fast = dict(net.named_parameters())
        for k in range(2):
            g = torch.autograd.grad(F.mse_loss(functional_call(net, fast, (x,)), y), list(fast.values()), create_graph=True)
            fast = {n: p - .1*gg for (n,p), gg in zip(fast.items(), g)}
        
        (F.mse_loss(functional_call(net, fast, (x,)), y) / 3).backward()
    opt.step()
