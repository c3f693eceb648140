# expect: pass
"""The same through a closure, as its author shows it."""
import torch


class SAM(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})
        self.base = torch.optim.SGD(self.param_groups, lr=lr)

    @torch.no_grad()
    def step(self, closure=None):
        params = [p for group in self.param_groups for p in group["params"]]
        moved = [p.grad.sign() * 0.01 for p in params]
        for p, e in zip(params, moved):
            p.add_(e)
        self.zero_grad()
        with torch.enable_grad():
            loss = closure()
        for p, e in zip(params, moved):
            p.sub_(e)
        self.base.step()
        return loss


model = torch.nn.Linear(3, 1)
optimizer = SAM(model.parameters(), 0.1)
for x in torch.randn(6, 8, 3):

    def closure():
        loss = model(x).pow(2).mean()
        loss.backward()
        return loss

    closure()
    optimizer.step(closure)
    optimizer.zero_grad()
