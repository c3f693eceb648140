# expect: pass
"""Self-distillation with labels sampled from an EMA teacher; and sampled from own other view: both right."""
import copy, torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)); te = copy.deepcopy(net); opt = torch.optim.Adam(net.parameters(), 1e-3)
for it in range(25):
    x, y, u = torch.randn(8, 8), torch.randint(0, 3, (8,)), torch.randn(16, 8)
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    with torch.no_grad(): t = torch.multinomial(te(u).softmax(1), 1).squeeze(1)
    F.cross_entropy(net(u + 0.05 * torch.randn_like(u)), t).backward()
    opt.step()
    for a, b in zip(net.parameters(), te.parameters()): b.data.lerp_(a.data, 0.05)
