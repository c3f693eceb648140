# expect: pass
"""A parameter beside the modules that no loss uses, and a layer that is not to be trained."""
import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(4, 8), nn.Linear(8, 2)
scale = nn.Parameter(torch.ones(1))
opt = torch.optim.Adam([*body.parameters(), *head.parameters(), scale], lr=1e-3)
for _ in range(12):
    opt.zero_grad()
    head(body(torch.randn(8, 4)).tanh()).pow(2).mean().backward()
    opt.step()
