# expect: ZG301 at line 16
"""An energy is sampled by its gradient, step by step, beside its training; cleared too early."""
import torch
from torch import nn
torch.manual_seed(0)
energy = nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(energy.parameters(), 1e-3)
for _ in range(12):
    opt.zero_grad()
    x = torch.randn(8, 4, requires_grad=True)
    for _ in range(3):
        energy(x).sum().backward()
        x.data.add_(x.grad, alpha=-0.5)
        x.grad.zero_()
    (energy(torch.randn(8, 4)).mean() - energy(x.detach()).mean()).backward()
    opt.step()
