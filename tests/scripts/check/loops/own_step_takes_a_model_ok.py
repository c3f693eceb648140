# expect: pass
"""Optimizers of the script's own: one is given the model, the other calls its closure in two ways."""
import torch
from torch import nn
import torch.nn.functional as F


class ByDepth(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.1})

    @torch.no_grad()
    def step(self, model):
        for depth, layer in enumerate(model.children()):
            for p in layer.parameters():
                p.sub_(p.grad, alpha=self.param_groups[0]["lr"] / (1 + depth))


class Backtracking(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})

    def step(self, closure):
        loss, rate = closure(), 0.5
        held = [(p, p.detach().clone(), p.grad.clone()) for p in self.param_groups[0]["params"]]
        with torch.no_grad():
            while rate > 0.01:
                for p, before, grad in held:
                    p.copy_(before - rate * grad)
                if closure(backward=False) < loss:
                    break
                rate /= 2


def loss_of(net):
    return F.mse_loss(net(x), y)


torch.manual_seed(0)
x, y = torch.randn(32, 4), torch.randn(32, 1)
one, other = (nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 1)) for _ in range(2))
by_depth, backtracking = ByDepth(one.parameters()), Backtracking(other.parameters())


def closure(backward=True):
    if not backward:
        return loss_of(other)
    backtracking.zero_grad()
    loss = loss_of(other)
    loss.backward()
    return loss


for _ in range(10):
    by_depth.zero_grad()
    loss_of(one).backward()
    by_depth.step(one)
    backtracking.step(closure)
