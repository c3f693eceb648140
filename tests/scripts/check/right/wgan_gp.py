# expect: pass
"""WGAN-GP: three steps of the critic for one of the generator."""
import torch
from torch import nn

torch.manual_seed(0)
gen, critic = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt_g = torch.optim.RMSprop(gen.parameters(), lr=1e-3)
opt_c = torch.optim.RMSprop(critic.parameters(), lr=1e-3)
for i in range(12):
    real, fake = torch.randn(6, 2) + 1, gen(torch.randn(6, 2)).detach()
    mixed = (0.5 * real + 0.5 * fake).requires_grad_()
    (slope,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
    opt_c.zero_grad()
    (critic(fake).mean() - critic(real).mean() + (slope.norm(dim=1) - 1).pow(2).mean()).backward()
    opt_c.step()
    if i % 3 == 2:
        opt_g.zero_grad()
        (-critic(gen(torch.randn(6, 2))).mean()).backward()
        opt_g.step()
