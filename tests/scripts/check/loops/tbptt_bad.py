# expect: ZG101 at line 12
import torch
from torch import nn
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
net = mk(); P = list(net.parameters()); opt = torch.optim.SGD(P, .05)
def loss(n=None): return (n or net)(torch.randn(8,4)).pow(2).mean()
rnn = nn.GRU(4,4,batch_first=True); opt2 = torch.optim.Adam(rnn.parameters()); h = None
for it in range(24):
    h = h.detach() if h is not None else None
    o, h = rnn(torch.randn(2,5,4), h); l = o.pow(2).mean()
    l.backward(); nn.utils.clip_grad_value_(rnn.parameters(), .5); opt2.step()
