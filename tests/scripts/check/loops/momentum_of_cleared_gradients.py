# expect: ZG201 at line 12
"""By hand with a momentum, which is given nothing but gradients that were filled with zeros."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
params = list(net.parameters())
momenta = [torch.zeros_like(p) for p in params]
for _ in range(12):
    net(torch.randn(16, 4)).pow(2).mean().backward()
    net.zero_grad(set_to_none=False)
    with torch.no_grad():
        torch._foreach_mul_(momenta, 0.9)
        torch._foreach_add_(momenta, [p.grad for p in params])
        torch._foreach_add_(params, momenta, alpha=-0.05)
