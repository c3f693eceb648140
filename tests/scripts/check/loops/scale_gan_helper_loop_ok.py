# expect: pass
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
G = nn.Linear(2, 4); D = nn.Linear(4, 1)
og = torch.optim.SGD(G.parameters(), .05); od = torch.optim.SGD(D.parameters(), .05)
bce = nn.BCEWithLogitsLoss()
for step in range(8):
    real, fake = torch.randn(8, 4), G(torch.randn(8, 2))
    od.zero_grad()
    for _, (x, target) in enumerate(((real, 1.), (fake.detach(), 0.))):
        bce(D(x), torch.full((8, 1), target)).backward()
    od.step()
    og.zero_grad(); bce(D(fake), torch.ones(8, 1)).backward(); og.step()
