# expect: pass
"""DCGAN as the tutorial has it."""
import torch
from torch import nn

torch.manual_seed(0)
netG = nn.Sequential(nn.ConvTranspose2d(4, 4, 4), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 1))
netD = nn.Sequential(nn.Conv2d(1, 4, 4), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(4, 1))
optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
for _ in range(5):
    netD.zero_grad()
    criterion(netD(torch.randn(6, 1, 4, 4)), torch.ones(6, 1)).backward()
    fake = netG(torch.randn(6, 4, 1, 1))
    criterion(netD(fake.detach()), torch.zeros(6, 1)).backward()
    optimizerD.step()
    netG.zero_grad()
    criterion(netD(fake), torch.ones(6, 1)).backward()
    optimizerG.step()
