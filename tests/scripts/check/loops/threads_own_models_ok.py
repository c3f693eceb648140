# expect: pass
import threading
import torch
from torch import nn
torch.manual_seed(0)

def train(seed):
    g = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(40):
        x = torch.randn(256, 16, generator=g)
        opt.zero_grad()
        loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
        loss.backward()
        opt.step()

threads = [threading.Thread(target=train, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
