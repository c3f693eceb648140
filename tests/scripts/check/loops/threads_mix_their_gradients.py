# expect: inconclusive
import threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(8, 1)
turns = [threading.Semaphore(1), threading.Semaphore(0)]

def turn(rank, action):  # each begins before the other has done all of its own
    turns[rank].acquire()
    action()
    turns[1 - rank].release()

def worker(rank):
    opt = torch.optim.SGD(model.parameters(), 1e-2)
    g = torch.Generator().manual_seed(rank)
    for _ in range(8):
        x = torch.randn(16, 8, generator=g)
        turn(rank, opt.zero_grad)
        turn(rank, lambda: (model(x) - 1).pow(2).mean().backward())
        turn(rank, lambda: opt.step())

threads = [threading.Thread(target=worker, args=(rank,)) for rank in range(2)]
for t in threads: t.start()
for t in threads: t.join()
