# expect: pass
"""backward(create_graph=True) and then a backward through the gradients."""
import torch

torch.manual_seed(0)
w = torch.nn.Parameter(torch.randn(3))
optimizer = torch.optim.SGD([w], lr=0.01)
for _ in range(5):
    optimizer.zero_grad()
    x = torch.randn(3, requires_grad=True)
    (slope,) = torch.autograd.grad((w * x).pow(2).sum(), x, create_graph=True)
    slope.pow(2).sum().backward()
    optimizer.step()
