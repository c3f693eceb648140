# expect: pass
"""Sharpness-aware minimisation as it is commonly published: an optimizer around another."""
import torch

torch.manual_seed(0)


class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05, **kwargs):
        super().__init__(params, {"rho": rho, **kwargs})
        self.base_optimizer = base(self.param_groups, **kwargs)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def first_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.state[p]["old"] = p.data.clone()
                    p.add_(p.grad, alpha=group["rho"] / (p.grad.norm() + 1e-12))
        self.zero_grad()

    @torch.no_grad()
    def second_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data = self.state[p]["old"]
        self.base_optimizer.step()
        self.zero_grad()

    def step(self, closure):
        self.first_step()
        with torch.enable_grad():
            closure()
        self.second_step()


model = torch.nn.Linear(3, 1)
optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.1)
for _ in range(6):
    x = torch.randn(8, 3)
    model(x).pow(2).mean().backward()
    optimizer.first_step()
    model(x).pow(2).mean().backward()
    optimizer.second_step()
