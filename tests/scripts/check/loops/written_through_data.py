# expect: pass
"""The gradient is zeroed and written anew through .data."""
import torch

w = torch.nn.Parameter(torch.ones(3))
target = torch.zeros(3)
opt = torch.optim.SGD([w], lr=0.1)
x = torch.nn.Linear(3, 1)
other = torch.optim.SGD(x.parameters(), lr=0.01)
for n in range(80):
    other.zero_grad()
    x(torch.ones(2, 3)).pow(2).mean().backward()
    other.step()
    if w.grad is None:
        w.grad = torch.zeros(3)
    w.grad.data.zero_()
    w.grad.data.add_(w.data - target)
    opt.step()
