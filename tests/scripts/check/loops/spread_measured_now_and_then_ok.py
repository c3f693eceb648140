# expect: pass
"""Now and then the spread of three batches is measured, and the last one is that step's batch."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(6, 3); P = list(net.parameters())
opt = torch.optim.Adam(P, 0.01)
spread = []
def back(): F.cross_entropy(net(torch.rand(8, 6)), torch.randint(0, 3, (8,))).backward()
for it in range(20):
    opt.zero_grad()
    if it % 4 == 0:
        gs = []
        for _ in range(3):
            opt.zero_grad()
            back()
            gs.append(torch.cat([p.grad.flatten() for p in P]))
        spread.append(torch.stack(gs).std(0))
    else:
        back()
    (0.1 * net(torch.rand(8, 6)).pow(2).mean()).backward()
    opt.step()
