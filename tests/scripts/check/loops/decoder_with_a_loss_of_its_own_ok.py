# expect: pass
"""A decoder shares one loss with an encoder and has another: both are meant for it."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mlp(i, o): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))
enc, dec = mlp(4, 3), mlp(3, 4)
opt_e, opt_d = torch.optim.Adam(enc.parameters(), 1e-3), torch.optim.Adam(dec.parameters(), 1e-3)
for _ in range(12):
    x = torch.randn(8, 4)
    opt_e.zero_grad(); opt_d.zero_grad()
    F.mse_loss(dec(enc(x)), x).backward()
    dec(torch.randn(8, 3)).pow(2).mean().backward()
    opt_e.step(); opt_d.step()
