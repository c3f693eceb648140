# expect: pass
"""The loss's own gradient at its inputs is noted; a regulariser of another function follows."""
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
def consistent(x): (0.1 * (model(x.detach()) - model(x.detach() + 0.1)).pow(2).mean()).backward()
for i in range(15):
    x, y = torch.rand(8, 6, requires_grad=True), torch.randint(0, 3, (8,))
    opt.zero_grad()
    main_loss(x, y)
    regular(x)
    pass
    opt.step()
