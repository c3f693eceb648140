# expect: pass
"""The inner step's gradient counts for the model, too, beside that after it: both in one sum."""
import copy
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), 1e-3)
def loss_of(net): return net(torch.randn(8, 4)).pow(2).mean()
for _ in range(10):
    opt.zero_grad()
    for p in net.parameters():
        if p.grad is None: p.grad = torch.zeros_like(p)
    for _ in range(3):
        inner = copy.deepcopy(net)
        inner_opt = torch.optim.Adam(inner.parameters(), 1e-3)
        inner_opt.zero_grad(); loss_of(inner).backward(); inner_opt.step()
        for mine, its in zip(net.parameters(), inner.parameters()): mine.grad.data.add_(its.grad.data / 3)
        after = torch.autograd.grad(loss_of(inner), inner.parameters())
        for mine, its in zip(net.parameters(), after): mine.grad.data.add_(its / 3)
    opt.step()
