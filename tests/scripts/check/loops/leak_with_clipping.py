# expect: ZG301 at line 13
"""The generator's loss leaks into the discriminator, which is clipped."""
import torch, copy
from torch import nn
torch.manual_seed(0)
def mk(): return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
net = mk(); P = list(net.parameters())
def loss(n=None): return (n or net)(torch.randn(8, 4)).pow(2).mean()

g, d = nn.Linear(4, 4), nn.Linear(4, 1); og, od = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
for i in range(20):
    f = g(torch.randn(8, 4)); (-d(f).mean()).backward(); nn.utils.clip_grad_norm_(g.parameters(), 1.); og.step(); og.zero_grad()
    (d(f.detach()).mean() - d(torch.randn(8, 4)).mean()).backward(); nn.utils.clip_grad_norm_(d.parameters(), 1.); od.step(); od.zero_grad()
