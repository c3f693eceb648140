# expect: ZG101 at line 28
"""backward_G and optimize_parameters of one class: the generator's gradients are never cleared."""
import torch


class Model:
    def __init__(self, netG, netD):
        self.netG, self.netD = netG, netD
        self.optimizer_G = torch.optim.Adam(self.netG.parameters())
        self.optimizer_D = torch.optim.Adam(self.netD.parameters())

    def backward_D(self):
        loss = self.netD(self.fake.detach()).mean() - self.netD(self.real).mean()
        loss.backward()

    def backward_G(self):
        loss = -self.netD(self.fake).mean()
        loss.backward()

    def optimize_parameters(self, real):
        self.real = real
        self.fake = self.netG(torch.randn(4, 8))
        self.optimizer_D.zero_grad()
        self.backward_D()
        self.optimizer_D.step()
        self.netD.requires_grad_(False)
        self.backward_G()
        self.optimizer_G.step()
