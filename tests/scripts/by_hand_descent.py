# expect: pass
"""No optimizer at all: the descent is written out, as in the first tutorial."""

import math

import torch

torch.manual_seed(18)
x = torch.linspace(-math.pi, math.pi, 200)
y = torch.sin(x)
a = torch.randn((), requires_grad=True)
b = torch.randn((), requires_grad=True)
for t in range(8):
    loss = (a + b * x - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        a -= 0.05 * a.grad
        b -= 0.05 * b.grad
        a.grad = None
        b.grad.zero_()
    print(f"{t}: loss={loss.item()!r}")
