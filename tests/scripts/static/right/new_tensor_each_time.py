# expect: pass
"""What is optimized is made anew each time, and so has no old gradient."""
import torch

for target in torch.randn(5, 3):
    x = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.Adam([x])
    (x - target).pow(2).sum().backward()
    optimizer.step()
