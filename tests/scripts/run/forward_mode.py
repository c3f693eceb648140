"""Forward mode: directional derivatives, and an update written out."""

import torch

torch.manual_seed(3)
w = torch.zeros(3)
x, y = torch.randn(8, 3), torch.randn(8)
for _ in range(8):
    direction = torch.randn(3)
    _, slope = torch.func.jvp(lambda w: ((x @ w - y) ** 2).mean(), (w,), (direction,))
    w = w - 0.01 * slope * direction
