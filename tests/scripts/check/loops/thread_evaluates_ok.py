# expect: pass
import copy, threading, queue
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), 1e-2, momentum=.9)
done = threading.Event()
scores = []

def evaluate():
    x = torch.randn(512, 16)
    while not done.is_set():
        with torch.no_grad():
            scores.append((model(x) - x.sum(1, keepdim=True)).pow(2).mean().item())

t = threading.Thread(target=evaluate, daemon=True)
t.start()
for _ in range(60):
    x = torch.randn(64, 16)
    opt.zero_grad()
    loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.)
    opt.step()
done.set(); t.join()
