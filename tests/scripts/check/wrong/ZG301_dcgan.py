# expect: ZG301 at line 15
"""DCGAN that clears the discriminator after its step: the generator's backward fills it again."""
import torch
from torch import nn

torch.manual_seed(3)
netG, netD = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
optD = torch.optim.SGD(netD.parameters(), lr=0.05)
optG = torch.optim.SGD(netG.parameters(), lr=0.05)
bce = nn.BCEWithLogitsLoss()
for _ in range(5):
    fake = netG(torch.randn(8, 2))
    bce(netD(torch.randn(8, 2) + 1), torch.ones(8, 1)).backward()
    bce(netD(fake.detach()), torch.zeros(8, 1)).backward()
    optD.step()
    optD.zero_grad()
    bce(netD(fake), torch.ones(8, 1)).backward()
    optG.step()
    optG.zero_grad()
