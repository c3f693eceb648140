# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 5))
opt = torch.optim.AdamW(model.parameters(), 1e-3)
def step(x, y):
    d0 = torch.zeros_like(x, requires_grad=True)
    opt.zero_grad()
    (F.cross_entropy(model(x + d0), y) / 3).backward()
    d1 = (d0 + 0.1 * d0.grad.sign()).detach().requires_grad_(True)
    (F.cross_entropy(model(x + d1), y) / 3).backward()
    d2 = (d1 + 0.1 * d1.grad.sign()).detach()
    (F.cross_entropy(model(x + d2), y) / 3).backward()
    opt.step()
for _ in range(15):
    step(torch.rand(8, 10), torch.randint(0, 5, (8,)))
