# expect: pass
"""Every parameter is made anew from the old one and its gradient, then cut from the graph."""
import torch
torch.manual_seed(0)
w, b = torch.randn(4, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
for _ in range(12):
    (torch.randn(8, 4) @ w + b).pow(2).mean().backward()
    w, b = ((one - 0.1 * one.grad).detach().requires_grad_() for one in (w, b))
