# expect: pass
import copy, threading
import torch
from torch import nn
torch.manual_seed(0)
shared = nn.Linear(8, 1)
opt = torch.optim.SGD(shared.parameters(), 1e-2)
lock = threading.Lock()

def worker(seed):
    g = torch.Generator().manual_seed(seed)
    local = nn.Linear(8, 1)
    for _ in range(15):
        with lock:
            local.load_state_dict(shared.state_dict())
        x = torch.randn(64, 8, generator=g)
        local.zero_grad()
        (local(x) - 1).pow(2).mean().backward()
        with lock:
            for mine, theirs in zip(local.parameters(), shared.parameters()):
                theirs.grad = mine.grad.clone()
            opt.step()
            opt.zero_grad()

threads = [threading.Thread(target=worker, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
