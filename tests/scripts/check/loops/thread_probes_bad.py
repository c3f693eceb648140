# expect: ZG101
import copy, threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), 1e-2)
done = threading.Event()

def probe():
    while not done.is_set():
        snap = copy.deepcopy(model)
        x = torch.randn(512, 16, requires_grad=True)
        snap(x).sum().backward()
        x.grad.abs().mean().item()

t = threading.Thread(target=probe, daemon=True)
t.start()
for _ in range(60):
    x = torch.randn(64, 16)
    loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
    loss.backward()
    opt.step()
done.set(); t.join()
