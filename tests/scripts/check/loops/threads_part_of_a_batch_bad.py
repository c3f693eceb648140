# expect: ZG101
import threading
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Linear(300, 200)
opt = torch.optim.SGD(model.parameters(), 1e-5)

def part(x):
    ((model(x) - 1).pow(2).mean() / 3).backward()

for _ in range(20):
    parts = [threading.Thread(target=part, args=(torch.randn(128, 300),)) for _ in range(3)]
    for t in parts: t.start()
    for t in parts: t.join()
    opt.step()
