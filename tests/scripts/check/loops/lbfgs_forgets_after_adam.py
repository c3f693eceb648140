# expect: ZG101 at line 18
"""Adam clears; LBFGS, which goes on with the same parameters, never does."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
x = torch.linspace(0, 1, 20)[:, None]
adam = torch.optim.Adam(net.parameters(), 1e-3)
def loss_of(): return (net(x) - torch.sin(3 * x)).pow(2).mean()
for _ in range(10):
    adam.zero_grad(); loss_of().backward(); adam.step()
lbfgs = torch.optim.LBFGS(net.parameters(), max_iter=8)
def closure():
    loss = loss_of()
    loss.backward()
    return loss
for _ in range(3):
    lbfgs.step(closure)
