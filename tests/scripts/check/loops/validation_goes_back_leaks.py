# expect: ZG301 at line 12
"""One function trains and validates; it goes back in both."""
import torch, torch.nn as nn, torch.nn.functional as F
# a copied training function used for validation too: it goes back, but does not step
torch.manual_seed(0); net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), .05)
def run(data, train):
    net.train(train); tot = 0.
    for x, y in data:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        if train:
            opt.step(); opt.zero_grad()
        tot += loss.item()
    return tot
tr, va = ([(torch.randn(8, 4), torch.randint(0, 3, (8,))) for _ in range(k)] for k in (5, 3))
for ep in range(5): run(tr, True); run(va, False)
