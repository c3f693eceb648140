# expect: ZG101
import copy, threading
import torch
from torch import nn
torch.manual_seed(0)
shared = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 1))

def worker(seed):
    g = torch.Generator().manual_seed(seed)
    local = copy.deepcopy(shared)
    for mine, theirs in zip(local.parameters(), shared.parameters()):
        mine.data = theirs.data   # the same memory: Hogwild
    opt = torch.optim.SGD(local.parameters(), 1e-3)
    for _ in range(40):
        x = torch.randn(256, 16, generator=g)
        (local(x) - x.sum(1, keepdim=True)).pow(2).mean().backward()
        opt.step()

threads = [threading.Thread(target=worker, args=(i,)) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
