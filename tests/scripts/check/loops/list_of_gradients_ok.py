# expect: pass
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for it in range(6):
        history = []
        for w in range(4):
            x, y = torch.randn(6, 8), torch.randint(0, 3, (6,))
            net.zero_grad()
            F.cross_entropy(net(x), y).backward()
            history.append([p.grad.clone() for p in net.parameters()])
        for p, gs in zip(net.parameters(), zip(*history)):
            p.grad = torch.stack(gs).mean(0)
        opt.step()
