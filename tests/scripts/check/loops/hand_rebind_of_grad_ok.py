# expect: pass
"""autograd.grad() and a leaf made anew of it, in one expression."""
import torch
torch.manual_seed(0); w = torch.zeros(3, 1, requires_grad=True)
for i in range(20):
    x = torch.randn(16, 3); l = (x @ w - x.sum(1, keepdim=True)).pow(2).mean()
    g, = torch.autograd.grad(l, w)
    w = (w - .1 * g).detach().requires_grad_(True)
