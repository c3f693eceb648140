# expect: ZG101 at line 22
"""Each network has its optimizer; only the generator is cleared, and the loop is elsewhere."""
import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, 1)
        self.optimizer = torch.optim.Adam(self.parameters())


class GAN:
    def __init__(self):
        self.generator = Network(2).to("cpu")
        self.discriminator = Network(1)

    def step(self, real):
        fake = self.generator.layer(torch.randn(4, 2))
        (self.discriminator.layer(fake.detach()) - self.discriminator.layer(real)).mean().backward()
        self.discriminator.optimizer.step()
        self.generator.zero_grad()
        (-self.discriminator.layer(fake).mean()).backward()
        self.generator.optimizer.step()
