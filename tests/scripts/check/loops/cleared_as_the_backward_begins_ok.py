# expect: pass
"""A hook of the whole model runs as its backward begins, and clears what the step before applied."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.01)
net.register_full_backward_hook(lambda model, inward, outward: model.zero_grad())
for _ in range(10):
    net(torch.randn(8, 4)).pow(2).mean().backward()
    opt.step()
