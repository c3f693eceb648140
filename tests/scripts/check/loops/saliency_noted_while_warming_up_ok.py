# expect: pass
"""So it is, and the regulariser begins after a warm-up."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.SGD(model.parameters(), 0.1)
seen = torch.zeros(6)
def main_loss(x, y):
    F.cross_entropy(model(x), y).backward()
    seen.add_(x.grad.abs().mean(0))
def regular(x): (0.1 * model(x.detach()).pow(2).mean()).backward()
for i in range(15):
    x, y = torch.rand(8, 6, requires_grad=True), torch.randint(0, 3, (8,))
    opt.zero_grad()
    main_loss(x, y)
    if i >= 5: regular(x)
    opt.step()
