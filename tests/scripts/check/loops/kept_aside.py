# expect: pass
"""Each micro batch's clipped gradient is kept aside; the step writes their sum back."""
import torch


class Private(torch.optim.SGD):
    def start(self):
        self.sums = [torch.zeros_like(p) for g in self.param_groups for p in g["params"]]

    def keep(self):
        params = [p for g in self.param_groups for p in g["params"]]
        norm = torch.cat([p.grad.flatten() for p in params]).norm()
        for total, p in zip(self.sums, params):
            total += p.grad * min(1.0, 1.0 / float(norm))

    def step(self, closure=None):
        params = [p for g in self.param_groups for p in g["params"]]
        for total, p in zip(self.sums, params):
            p.grad.copy_(total + 0.01 * torch.randn_like(total))
        return super().step(closure)


model = torch.nn.Linear(4, 1)
opt = Private(model.parameters(), lr=0.05)
for n in range(80):
    opt.start()
    for micro in torch.randn(4, 2, 4):
        opt.zero_grad()
        model(micro).pow(2).mean().backward()
        opt.keep()
    opt.step()
