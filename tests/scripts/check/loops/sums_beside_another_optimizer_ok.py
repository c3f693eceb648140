# expect: pass
"""Another optimizer steps while the sums of one step are made."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
P = list(net.parameters())
opt = torch.optim.SGD(P, 0.01)
def back():
    opt.zero_grad()
    F.cross_entropy(net(torch.rand(8, 6)), torch.randint(0, 3, (8,))).backward()
B = [torch.zeros_like(p) for p in P]
other = nn.Linear(6, 3); oo = torch.optim.SGD(other.parameters(), .01)
for it in range(8):
    for k in range(4):
        oo.zero_grad(); other(torch.rand(4, 6)).pow(2).mean().backward(); oo.step()
        back(); torch._foreach_add_(B, [p.grad for p in P])
    for b, p in zip(B, P): p.grad = b / 4
    opt.step()
    for b in B: b.zero_()
