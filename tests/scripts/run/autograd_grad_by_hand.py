"""Neither backward() nor an optimizer: autograd.grad() and an update written out."""

import torch

torch.manual_seed(3)
w = torch.zeros(3, requires_grad=True)
x, y = torch.randn(8, 3), torch.randn(8)
for _ in range(8):
    (gradient,) = torch.autograd.grad(((x @ w - y) ** 2).mean(), w)
    with torch.no_grad():
        w -= 0.1 * gradient
