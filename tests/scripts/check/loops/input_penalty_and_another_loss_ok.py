# expect: pass
"""A penalty on the inputs' gradient, in a function of its own, and a third loss: all are meant."""
import warnings; warnings.filterwarnings("ignore")
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.SGD(model.parameters(), 0.1)
def main_loss(x, y): F.cross_entropy(model(x), y).backward(create_graph=True)
def penalty(x): (0.1 * x.grad.pow(2).sum()).backward()
def extra(x): (0.1 * model(x.detach()).pow(2).mean()).backward()
for i in range(15):
    x, y = torch.rand(8, 6, requires_grad=True), torch.randint(0, 3, (8,))
    opt.zero_grad()
    main_loss(x, y)
    penalty(x)
    extra(x)
    opt.step()
