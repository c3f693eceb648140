# expect: ZG202
import threading
import torch
from torch import nn
torch.manual_seed(0)

def train(seed):
    g = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), 1e-3)
    for i in range(40):
        x = torch.randn(256, 16, generator=g)
        loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean() / 4
        opt.zero_grad(); loss.backward()
        if (i + 1) % 4 == 0:
            opt.step()
            opt.zero_grad()

threads = [threading.Thread(target=train, args=(i,)) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
