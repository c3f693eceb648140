# expect: ZG202 at line 18
import copy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
def mk(i=4,o=2): return nn.Sequential(nn.Linear(i, 8), nn.Tanh(), nn.Linear(8, o))

net = mk(5,4); ema = copy.deepcopy(net); opt = torch.optim.AdamW(net.parameters(), 1e-3)
betas = torch.linspace(1e-4, .02, 50); ab = torch.cumprod(1-betas, 0)
for it in range(16):
    x = torch.randn(8,4); t = torch.randint(50,(8,)); e = torch.randn_like(x)
    xt = ab[t].sqrt()[:,None]*x + (1-ab[t]).sqrt()[:,None]*e
    loss = F.mse_loss(net(torch.cat([xt, t[:,None]/50.],1)), e) / 4
    loss.backward()
    if it % 4 == 3:
        nn.utils.clip_grad_norm_(net.parameters(), 1.); opt.step()
    opt.zero_grad()
    with torch.no_grad():
        for p, q in zip(net.parameters(), ema.parameters()): q.lerp_(p, .01)
