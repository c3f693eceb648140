# expect: ZG103 at line 15
"""A step and its clearing stand under one condition, which a large norm does not meet."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), 0.05)

def train(x, scale):
    loss = net(x).pow(2).mean() * scale
    loss.backward()
    norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    if norm > 5 * nn.utils.parameters_to_vector(net.parameters()).norm().clamp(max=0.5):
        return
    opt.step()
    opt.zero_grad()

for step in range(40):
    train(torch.randn(8, 4), 50 if step % 7 == 3 else 1)
