# expect: pass
"""SAM, an optimizer of one's own that wraps another and overrides zero_grad."""

import torch
from torch import nn


class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05, **kwargs):
        super().__init__(params, dict(rho=rho, **kwargs))
        self.base = base(self.param_groups, **kwargs)
        self.param_groups = self.base.param_groups

    @torch.no_grad()
    def climb(self):
        norm = torch.stack([p.grad.norm() for p in self.param_groups[0]["params"]]).norm()
        for p in self.param_groups[0]["params"]:
            self.state[p]["old"] = p.data.clone()
            p.add_(p.grad * (self.param_groups[0]["rho"] / (norm + 1e-12)))

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.data = self.state[p]["old"]
        self.base.step()

    def zero_grad(self, set_to_none=True):
        for p in self.param_groups[0]["params"]:
            p.grad = None


torch.manual_seed(24)
model = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.1, momentum=0.5)
x, y = torch.randn(16, 3), torch.randn(16, 1)
for _ in range(5):
    first = (model(x) - y).pow(2).mean()
    first.backward()
    optimizer.climb()
    optimizer.zero_grad()
    second = (model(x) - y).pow(2).mean()
    second.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(f"loss={first.item() + second.item()!r}")
