# expect: ZG103 at line 29
"""A batch that runs out of memory is left out; what its backward pass had added is not."""
import torch
from torch import nn


class Full(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, full):
        ctx.full = full
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        if ctx.full:
            raise RuntimeError("out of memory")
        return grad, None


torch.manual_seed(0)
first, last = nn.Linear(4, 8), nn.Linear(8, 1)
opt = torch.optim.SGD([*first.parameters(), *last.parameters()], lr=0.05)
for i in range(24):
    try:
        loss = last(Full.apply(first(torch.randn(16, 4)), i % 4 == 3).tanh()).pow(2).mean()
        loss.backward()
    except RuntimeError:
        continue
    opt.step()
    opt.zero_grad()
