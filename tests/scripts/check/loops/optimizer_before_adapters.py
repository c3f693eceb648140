# expect: ZG401 at line 28
"""The optimizer was made before the adapters: all that it has is frozen, and nothing has theirs."""
import torch
from torch import nn
import torch.nn.functional as F


class Adapted(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down = nn.Linear(layer.in_features, 2, bias=False)
        self.up = nn.Linear(2, layer.out_features, bias=False)

    def forward(self, x):
        return self.layer(x) + self.up(self.down(x))


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
net[0], net[2] = Adapted(net[0]), Adapted(net[2])
for _ in range(12):
    x, y = torch.randn(8, 5), torch.randint(3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
