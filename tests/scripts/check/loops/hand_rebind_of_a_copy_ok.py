# expect: pass
"""The new leaf is a copy of the old one and its gradient, by clone() or by torch.tensor()."""
import torch
torch.manual_seed(0); w = torch.zeros(3, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
for i in range(20):
    x = torch.randn(16, 3); l = (x @ w + b - x.sum(1, keepdim=True)).pow(2).mean()
    l.backward()
    w = (w - .1 * w.grad).clone().detach().requires_grad_(True)
    b = torch.tensor(b - .1 * b.grad, requires_grad=True)
