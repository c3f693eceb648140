# expect: pass
"""An attack is cleared; two losses with a backward each follow."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(model.parameters(), 0.1)
def fgsm(x, y):
    d = torch.zeros_like(x, requires_grad=True)
    model.zero_grad()
    F.cross_entropy(model(x + d), y).backward()
    return 0.1 * d.grad.detach().sign()
def run(n):
    for _ in range(n):
        x, y = torch.rand(8, 6), torch.randint(0, 3, (8,))
        delta = fgsm(x, y)
        opt.zero_grad()
        clean = F.cross_entropy(model(x), y)
        clean.backward()
        robust = F.cross_entropy(model(x + delta), y)
        robust.backward()
        opt.step()
run(15)
