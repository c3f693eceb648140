# expect: inconclusive
"""Backward passes are timed; nothing is ever trained."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
for _ in range(12):
    net.zero_grad()
    net(torch.randn(8, 4)).pow(2).mean().backward()
    net.zero_grad()
