# expect: pass
"""The method that the loop calls does nothing; that of a class made of this one clears."""
import torch


class Trainer:
    def __init__(self, net):
        self.net, self.optimizer = net, torch.optim.SGD(net.parameters(), lr=0.1)

    def before(self): pass

    def fit(self, data):
        for x in data:
            self.before(); self.net(x).pow(2).mean().backward()
            self.optimizer.step()


class Clearing(Trainer):
    def before(self): self.optimizer.zero_grad()


Clearing(torch.nn.Linear(3, 1)).fit(torch.randn(20, 8, 3))
