# expect: pass
"""A decoder shares one loss with an encoder; what is cut off is for a probe, not for it."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
enc, dec, probe = mlp(4, 6), mlp(6, 4), nn.Linear(6, 2)
opts = [torch.optim.Adam(net.parameters()) for net in (enc, dec, probe)]
for _ in range(12):
    x = torch.randn(8, 4)
    for opt in opts: opt.zero_grad()
    code = enc(x)
    F.mse_loss(dec(code), x).backward(retain_graph=True)
    dec(torch.randn(8, 6)).pow(2).mean().mul(0.01).backward()
    F.cross_entropy(probe(code.detach()), torch.randint(0, 2, (8,))).backward()
    for opt in opts: opt.step()
