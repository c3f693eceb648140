# expect: ZG201 at line 14
"""The discriminator is right: what it loses of the generator's backward was not meant for it."""
import torch
from torch import nn
torch.manual_seed(0)
gen, disc = nn.Linear(4, 6), nn.Linear(6, 1)
opt_g, opt_d = torch.optim.Adam(gen.parameters(), 2e-4), torch.optim.Adam(disc.parameters(), 2e-4)
bce = nn.BCEWithLogitsLoss()
for _ in range(12):
    disc.zero_grad()
    bce(disc(torch.randn(8, 6)), torch.ones(8, 1)).backward(); opt_d.step()
    fake = gen(torch.randn(8, 4))
    bce(disc(fake), torch.ones(8, 1)).backward()
    gen.zero_grad()
    opt_g.step()
