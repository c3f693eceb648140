# expect: pass
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(4,2); opt = torch.optim.Adam(net.parameters(), 1e-2)
for up in range(4):
    s = torch.randn(32,4)
    for e in range(4):
        for i in torch.randperm(32).split(8):
            loss = net(s[i]).pow(2).mean(); opt.zero_grad(); loss.backward()
            g = nn.utils.clip_grad_norm_(net.parameters(), .5)
            if g > 1e9: break
            opt.step()
