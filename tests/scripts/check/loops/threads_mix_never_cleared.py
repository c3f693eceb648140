# expect: ZG101 at line 19
import threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(8, 1)
turns = [threading.Semaphore(1), threading.Semaphore(0)]

def turn(rank, action):
    turns[rank].acquire()
    action()
    turns[1 - rank].release()

def worker(rank):
    opt = torch.optim.SGD(model.parameters(), 1e-3)
    for _ in range(8):
        x = torch.randn(16, 8)
        turn(rank, lambda: (model(x) - 1).pow(2).mean().backward())
        turn(rank, lambda: opt.step())

threads = [threading.Thread(target=worker, args=(rank,)) for rank in range(2)]
for t in threads: t.start()
for t in threads: t.join()
