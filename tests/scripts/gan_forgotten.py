# expect: ZG101 at line 21
"""A GAN that never clears."""

import torch
from torch import nn

torch.manual_seed(13)
netG = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
netD = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
optimizerD = torch.optim.Adam(netD.parameters(), lr=0.02, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=0.02, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
for _ in range(5):
    # right: netD.zero_grad()
    real = torch.randn(16, 2) + 2
    errD_real = criterion(netD(real), torch.ones(16, 1))
    errD_real.backward()
    fake = netG(torch.randn(16, 2))
    errD_fake = criterion(netD(fake.detach()), torch.zeros(16, 1))
    errD_fake.backward()
    optimizerD.step()
    # right: netG.zero_grad()
    errG = criterion(netD(fake), torch.ones(16, 1))
    errG.backward()
    optimizerG.step()
    print(f"loss_d={errD_real.item() + errD_fake.item()!r} loss_g={errG.item()!r}")
