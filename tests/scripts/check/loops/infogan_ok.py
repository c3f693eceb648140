# expect: pass
"""A third optimizer has the parameters of both others, and its loss uses not all of them."""
import itertools
import torch
from torch import nn
torch.manual_seed(0)
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.real, self.code = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 2)
    def forward(self, x):
        x = self.body(x).tanh()
        return self.real(x), self.code(x)


gen, critic = nn.Linear(3, 4), Critic()
opt_g, opt_c = torch.optim.Adam(gen.parameters(), 1e-3), torch.optim.Adam(critic.parameters(), 1e-3)
opt_i = torch.optim.Adam(itertools.chain(gen.parameters(), critic.parameters()), 1e-3)
for _ in range(12):
    opt_g.zero_grad()
    (critic(gen(torch.randn(8, 3)))[0] - 1).pow(2).mean().backward()
    opt_g.step()
    opt_c.zero_grad()
    fake = gen(torch.randn(8, 3)).detach()
    ((critic(torch.randn(8, 4))[0] - 1).pow(2).mean() + critic(fake)[0].pow(2).mean()).backward()
    opt_c.step()
    opt_i.zero_grad()
    (critic(gen(torch.randn(8, 3)))[1]).pow(2).mean().backward()
    opt_i.step()
