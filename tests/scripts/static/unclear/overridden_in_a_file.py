# expect: pass with ZG001 at line 17
"""The method that the loop calls does nothing; that of a class made of this one clears."""
import torch

net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


class Trainer:
    def before(self):
        pass

    def fit(self, data):
        for x in data:
            self.before()
            net(x).pow(2).mean().backward()
            optimizer.step()


class Clearing(Trainer):
    def before(self):
        optimizer.zero_grad()


Clearing().fit(torch.randn(20, 8, 3))
