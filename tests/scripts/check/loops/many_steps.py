# expect: pass
"""Gradients of autograd.grad, and no backward at all."""
import time

import torch

w = torch.nn.Parameter(torch.ones(3))
opt = torch.optim.SGD([w], lr=0.01)
for n in range(2000):
    (w.grad,) = torch.autograd.grad((w * w).sum(), [w])
    opt.step()
    time.sleep(0.01)
print("all", n + 1, "steps were made")
