# expect: pass
"""Windows of four begin with one task and end with the next."""
import torch, torch.nn as nn
torch.manual_seed(0); net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)); opt = torch.optim.SGD(net.parameters(), .05); n = 0
def maybe_step():
    global n
    n += 1
    if n % 4 == 0: opt.step(); opt.zero_grad()
def task_a(x): (net(x).pow(2).mean() / 4).backward()
def task_b(x): (net(x).abs().mean() / 4).backward()
for ep in range(8):
    for x in torch.randn(6, 4, 4): task_a(x); maybe_step()
    for x in torch.randn(3, 4, 4): task_b(x); maybe_step()
