# expect: ZG101 at line 10
"""Never cleared; the old gradient is clipped before the next backward."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)); P = list(net.parameters()); opt = torch.optim.Adam(P, 1e-3)
def loss(): return net(torch.randn(8, 4)).pow(2).mean()

for i in range(20):
    nn.utils.clip_grad_norm_(P, 1.); loss().backward(); opt.step()
