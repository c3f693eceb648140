# expect: ZG401 at line 18
"""A new head for each task; the optimizer goes on with the first."""
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 8), nn.Linear(8, 2)
net = Net()
opt = torch.optim.SGD(net.parameters(), 0.05)
for task in range(3):
    for _ in range(5):
        logits = net.head(net.body(torch.randn(8, 6)).relu())
        opt.zero_grad()
        F.cross_entropy(logits, torch.randint(0, 2, (8,))).backward()
        opt.step()
    net.head = nn.Linear(8, 2)
