# expect: pass
"""What the model looks at is shown after each step; what that leaves in its gradients is cleared."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), 0.05)
def looked_at(x):
    x = x.clone().requires_grad_()
    net(x).sum().backward()
    return x.grad.abs().mean(0)
for _ in range(12):
    opt.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
    looked_at(torch.randn(4, 4))
