# expect: pass
"""The optimizer has all of the module's parameters; those of the net are all, as far as is seen."""
import torch
from backbones import resnet


class Learner(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.body = resnet(size)
        self.loss = torch.nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def observe(self, data):
        for x, y in data:
            self.body.zero_grad(); self.loss(self.body(x), y).backward()
            self.optimizer.step()
