# expect: ZG301 at line 21
"""The variance of gradients, now and then: those of its last batch stay."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
class Probe:
    def __init__(self, net): self.net, self.seen = net, []
    def __call__(self):
        flat = []
        for _ in range(4):
            for p in self.net.parameters(): p.grad = None
            F.cross_entropy(self.net(torch.rand(8, 6)), torch.randint(0, 3, (8,))).backward()
            flat.append(torch.cat([p.grad.flatten() for p in self.net.parameters()]))
        self.seen.append(torch.stack(flat).var(0))
probe, opt = Probe(net), torch.optim.RMSprop(net.parameters(), 0.01)
for it in range(20):
    if it % 5 == 0: probe()
    F.cross_entropy(net(torch.rand(8, 6)), torch.randint(0, 3, (8,))).backward()
    opt.step()
    for p in net.parameters(): p.grad = None
