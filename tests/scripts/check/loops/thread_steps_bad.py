# expect: ZG101
import queue, threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(8, 1)
todo, back = queue.Queue(), queue.Queue()

def server():
    opt = torch.optim.SGD(model.parameters(), 1e-2)
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    while True:
        grads = todo.get()
        if grads is None:
            return
        for p, g in zip(model.parameters(), grads):
            p.grad += g
        opt.step()
        back.put(1)

t = threading.Thread(target=server); t.start()
for _ in range(20):
    x = torch.randn(32, 8)
    grads = torch.autograd.grad((model(x) - 1).pow(2).mean(), list(model.parameters()))
    todo.put(grads); back.get()
todo.put(None); t.join()
