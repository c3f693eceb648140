# expect: ZG103 at line 16
"""Two losses are weighed by copies of their gradients; that of the second stays, and is applied."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
opt = torch.optim.SGD(net.parameters(), 0.05)
def flat(): return torch.cat([p.grad.flatten().clone() for p in net.parameters()])
for _ in range(12):
    out = net(torch.randn(8, 4))
    first, second = out[:, 0].pow(2).mean(), out[:, 1].abs().mean()
    opt.zero_grad(); first.backward(retain_graph=True); a = flat()
    opt.zero_grad(); second.backward(retain_graph=True); b = flat()
    share = float((((b - a) @ b) / ((a - b) @ (a - b))).clamp(0, 1))
    (share * first + (1 - share) * second).backward()
    opt.step()
