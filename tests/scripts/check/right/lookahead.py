# expect: pass
"""Lookahead: an optimizer that steps another and pulls slow weights along."""
import torch


class Lookahead(torch.optim.Optimizer):
    def __init__(self, base, k=2):
        self.base, self.k, self.count = base, k, 0
        super().__init__(base.param_groups, {})
        self.slow = [p.detach().clone() for g in base.param_groups for p in g["params"]]

    def step(self, closure=None):
        self.base.step(closure)
        self.count += 1
        if self.count % self.k == 0:
            fast = [p for g in self.base.param_groups for p in g["params"]]
            for slow, p in zip(self.slow, fast):
                slow.lerp_(p.detach(), 0.5)
                p.data.copy_(slow)


model = torch.nn.Linear(3, 1)
optimizer = Lookahead(torch.optim.Adam(model.parameters()))
for _ in range(6):
    optimizer.zero_grad()
    model(torch.randn(6, 3)).pow(2).mean().backward()
    optimizer.step()
