# expect: pass
"""backward_G and optimize_parameters of one class, cleared as they should be."""
import torch


class Model:
    def __init__(self, netG, netD):
        self.netG, self.netD = netG, netD
        self.optimizer_G = torch.optim.Adam(self.netG.parameters())
        self.optimizer_D = torch.optim.Adam(self.netD.parameters())
        self.optimizers = [self.optimizer_G, self.optimizer_D]

    def backward_D(self):
        (self.netD(self.fake.detach()).mean() - self.netD(self.real).mean()).backward()

    def backward_G(self):
        (-self.netD(self.fake).mean()).backward()

    def optimize_parameters(self, real):
        self.real = real
        self.fake = self.netG(torch.randn(4, 8))
        self.optimizer_G.zero_grad()
        self.backward_G()
        self.optimizer_G.step()
        self.optimizer_D.zero_grad()
        self.backward_D()
        self.optimizer_D.step()
