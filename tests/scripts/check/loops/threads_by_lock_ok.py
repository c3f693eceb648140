# expect: pass
import threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(8, 1)
lock = threading.Lock()

def worker(seed):
    g = torch.Generator().manual_seed(seed)
    opt = torch.optim.SGD(model.parameters(), 1e-2)
    for _ in range(15):
        x = torch.randn(64, 8, generator=g)
        with lock:
            opt.zero_grad()
            (model(x) - 1).pow(2).mean().backward()
            opt.step()

threads = [threading.Thread(target=worker, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
