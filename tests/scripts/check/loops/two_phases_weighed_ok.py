# expect: pass
"""Both phases are meant, each with its weight: together they follow a penalty of the gradient's norm."""
import torch
from torch import nn


class Sharpness(torch.optim.Optimizer):
    def __init__(self, params, rho=0.05, **options):
        super().__init__(params, {"rho": rho, **options})
        self.base = torch.optim.SGD(self.param_groups, **options)

    @torch.no_grad()
    def climb(self):
        held = [p for group in self.param_groups for p in group["params"]]
        norm = torch.stack([p.grad.norm() for p in held]).norm()
        for p in held:
            self.state[p]["before"] = p.data.clone()
            p.add_(p.grad, alpha=0.05 / float(norm))

    @torch.no_grad()
    def descend(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.data = self.state[p]["before"]
        self.base.step()
        self.zero_grad()


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2))
opt = Sharpness(net.parameters(), lr=0.1)
for _ in range(20):
    x = torch.randn(16, 5)
    (0.2 * net(x).pow(2).mean()).backward()
    opt.climb()
    (0.8 * net(x).pow(2).mean()).backward()
    opt.descend()
