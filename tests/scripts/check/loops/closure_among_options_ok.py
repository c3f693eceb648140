# expect: pass
"""The step of an optimizer of the script's own is given its closure among other options."""
import torch
from torch import nn


class Descent(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})

    def step(self, options):
        loss = options["closure"]()
        with torch.no_grad():
            for p in self.param_groups[0]["params"]:
                p.sub_(p.grad, alpha=options["rate"])
        return loss


def closure():
    opt.zero_grad()
    loss = net(torch.randn(16, 3)).pow(2).mean()
    loss.backward()
    return loss


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
opt = Descent(net.parameters())
for _ in range(12):
    opt.step({"closure": closure, "rate": 0.05})
