# expect: ZG103 at line 18
"""Cleared between the two phases, but not after the step: the next climb follows old gradients, too."""
import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
weights = list(net.parameters())
opt = torch.optim.SGD(weights, 0.05)
for _ in range(12):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    with torch.no_grad():
        before = [p.clone() for p in weights]
        norm = torch.stack([p.grad.norm() for p in weights]).norm()
        for p in weights: p.add_(p.grad / norm, alpha=0.05)
    opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    with torch.no_grad():
        for p, old in zip(weights, before): p.copy_(old)
    opt.step()
