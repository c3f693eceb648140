# expect: ZG202 at line 11
"""Cleared with each micro batch; unscaled and clipped before the step."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

s = torch.amp.GradScaler("cpu")
for i in range(40):
    opt.zero_grad(); s.scale(loss()).backward()
    if i % 4 == 3: s.unscale_(opt); nn.utils.clip_grad_norm_(P, 1.); s.step(opt); s.update()
