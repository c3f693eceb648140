# expect: pass
"""The gradient is computed anew and replaced at each step."""
import torch

w = torch.nn.Parameter(torch.ones(3))
opt = torch.optim.SGD([w], lr=0.01)
for n in range(80):
    (w.grad,) = torch.autograd.grad((w * w).sum(), [w])
    opt.step()
