# expect: pass with ZG501
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
scaler = torch.amp.GradScaler('cpu', init_scale=64.)
for step in range(6):
    for _ in range(3):
        x, y = batch()
        scaler.scale(F.mse_loss(net(x), F.one_hot(y, 3).float())).backward()
    scaler.unscale_(opt); nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(opt); scaler.update(); opt.zero_grad()
