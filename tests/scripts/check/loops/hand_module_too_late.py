# expect: ZG201 at line 19
"""A class of the script's own that steps; the module is cleared before it."""
import torch
from torch import nn
torch.manual_seed(0)
class Descent:
    def __init__(self, params): self.params = list(params)
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p.data.add_(p.grad, alpha=-0.1)


net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
descent = Descent(net.parameters())
for _ in range(12):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    net.zero_grad()
    descent.step()
