# expect: ZG301 at line 15
"""After each epoch the norm of the gradient is measured, and stays."""
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), .05); val = (torch.randn(32, 4), torch.randint(0, 3, (32,)))
def val_grad_norm():
    net.eval()
    loss = F.cross_entropy(net(val[0]), val[1]); loss.backward()
    n = sum(p.grad.pow(2).sum().item() for p in net.parameters()) ** .5
    net.train()
    return loss.item(), n
for ep in range(5):
    for _ in range(5):
        x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
        F.cross_entropy(net(x), y).backward()
        opt.step()
        opt.zero_grad()
    print(ep, val_grad_norm())
