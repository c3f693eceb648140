# expect: pass with ZG503
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), lr=.05)
def batch(n=8): return torch.randn(n, 4), torch.randint(0, 3, (n,))
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*batch(61)), batch_size=8)
for epoch in range(4):
    for i, (x, y) in enumerate(loader):
        (F.mse_loss(net(x), F.one_hot(y, 3).float()) / 4).backward()
        if (i + 1) % 4 == 0: opt.step(); opt.zero_grad()
